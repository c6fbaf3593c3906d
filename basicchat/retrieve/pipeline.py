"""From a question to passages for a prompt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from basicchat.core.errors import BasicChatError
from basicchat.core.generations import Serving
from basicchat.core.protocols import LexicalIndex, Reranker, Store
from basicchat.core.types import Hit, Page, Passage, Query, Scope
from basicchat.retrieve.about import affinity
from basicchat.retrieve.expand import PageKey, merge
from basicchat.retrieve.fuse import reciprocal_rank_fusion
from basicchat.retrieve.pack import pack
from basicchat.retrieve.rerank import rerank
from basicchat.retrieve.search import Found, search_both


@dataclass(frozen=True)
class RetrieveConfig:
    """How to search. Times in seconds.

    ``candidates`` are taken from each ranking; the reranker looks at the first ``rerank_top`` of the joined ones
    for at most ``rerank_seconds`` (None: as long as it takes, which makes the order repeatable). Weights say what a
    ranking counts for, ``name_weight`` what it counts when a question names a document. The first ``widen`` passages
    of a prompt get the chunks beside them where there is room.
    """

    candidates: int = 100
    rerank_top: int = 12
    rerank_seconds: float | None = 0.6
    rrf_k: int = 20
    dense_weight: float = 2.0
    lexical_weight: float = 1.0
    name_weight: float = 0.6
    rerank_weight: float = 0.5
    widen: int = 2


@dataclass(frozen=True)
class Retrieval:
    """What was found, best first. ``queries`` are the texts really searched with; ``timings`` in seconds by step."""

    queries: tuple[str, ...]
    hits: tuple[Hit, ...]
    timings: Mapping[str, float]
    warnings: tuple[str, ...] = ()


class Retriever:
    """Searches by meaning and by words at once, joins both, and lets the reranker order the head."""

    def __init__(
        self,
        *,
        generations: Serving,
        lexical: LexicalIndex,
        store: Store,
        reranker: Reranker | None,
        config: RetrieveConfig,
    ) -> None:
        self._generations = generations
        self._lexical = lexical
        self._store = store
        self._reranker = reranker
        self._config = config

    def search(self, query: Query) -> Retrieval:
        """At most ``query.top_k`` hits. Chunks that the store no longer has are left out.

        Raises the error of the search by meaning when both searches fail, and `StoreError`.
        """
        started = time.perf_counter()
        depth = max(self._config.candidates, query.top_k)
        with self._generations.serving() as generation:
            found = search_both(
                query.text, scope=query.scope, depth=depth, generation=generation, lexical=self._lexical
            )
        fused_at = time.perf_counter()
        hits = self._named(query.text, self._load(self._fuse(found), found))
        loaded_at = time.perf_counter()
        hits, warnings = self._rerank(query.text, hits)
        ended = time.perf_counter()
        timings = found.seconds | {
            "search": fused_at - started,
            "load": loaded_at - fused_at,
            "rerank": ended - loaded_at,
            "total": ended - started,
        }
        return Retrieval((query.text,), tuple(hits[: query.top_k]), timings, found.warnings + warnings)

    def passages(self, hits: Sequence[Hit], *, budget: int, count: Callable[[str], int]) -> tuple[Passage, ...]:
        """Passages for a prompt: touching chunks merged, numbered from 1, never over ``budget`` by ``count``.

        The best hits are widened by the chunks beside them only where every hit still fits.
        """
        tokens = lru_cache(maxsize=None)(count)
        keys = dict.fromkeys((hit.chunk.document_id, hit.chunk.page) for hit in hits)
        with self._store.begin() as unit:
            found = {key: unit.documents.page(*key) for key in keys}
            beside = {hit.chunk.id: unit.documents.neighbours(hit.chunk) for hit in hits[: self._config.widen]}
        pages: dict[PageKey, Page] = {key: page for key, page in found.items() if page is not None}
        for widened in range(len(beside), 0, -1):
            wide = dict(list(beside.items())[:widened])
            passages = merge(hits, pages=pages, neighbours=wide)
            if sum(tokens(passage.text) for passage in passages) <= budget:
                return pack(passages, budget=budget, count=tokens)
        return pack(merge(hits, pages=pages), budget=budget, count=tokens)

    def document_count(self, scope: Scope) -> int:
        """How many documents there are to look in."""
        with self._store.begin() as unit:
            if scope.document_ids:
                documents = unit.documents.many(scope.document_ids).values()
                return sum(document.collection == scope.collection for document in documents)
            return unit.documents.count(scope.collection)

    def score(self, text: str, passages: Sequence[str], *, seconds: float) -> list[float]:
        """Logits of a leading part of ``passages`` by the reranker, as many as ``seconds`` allow; none without one."""
        if self._reranker is None or not passages:
            return []
        return self._reranker.score(text, passages, deadline=time.monotonic() + seconds)

    def _fuse(self, found: Found) -> list[tuple[str, float]]:
        rankings = [[chunk_id for chunk_id, _ in ranking] for ranking in (found.dense, found.lexical)]
        weights = (self._config.dense_weight, self._config.lexical_weight)
        return reciprocal_rank_fusion(rankings, k=self._config.rrf_k, weights=weights)

    def _load(self, fused: Sequence[tuple[str, float]], found: Found) -> list[Hit]:
        with self._store.begin() as unit:
            chunks = unit.documents.chunks_by_id([chunk_id for chunk_id, _ in fused])
            documents = unit.documents.many(sorted({chunk.document_id for chunk in chunks.values()}))
        dense, lexical = dict(found.dense), dict(found.lexical)
        hits = []
        for chunk_id, score in fused:
            chunk = chunks.get(chunk_id)
            if chunk is None or chunk.document_id not in documents:
                continue
            scores = {"fused": score}
            scores |= {"dense": dense[chunk_id]} if chunk_id in dense else {}
            scores |= {"lexical": lexical[chunk_id]} if chunk_id in lexical else {}
            hits.append(Hit(chunk, documents[chunk.document_id], score, scores))
        return hits

    def _named(self, text: str, hits: list[Hit]) -> list[Hit]:
        """Lift hits of the documents that the question names, by at most ``name_weight`` of a first rank."""
        fits = affinity(text, list({hit.document.id: hit.document for hit in hits}.values()))
        share = self._config.name_weight / (self._config.rrf_k + 1)
        lifted = [replace(hit, score=hit.score + share * fits[hit.document.id]) for hit in hits]
        return sorted(lifted, key=lambda hit: (-hit.score, hit.chunk.id))

    def _rerank(self, text: str, hits: list[Hit]) -> tuple[list[Hit], tuple[str, ...]]:
        config = self._config
        if self._reranker is None or not config.rerank_top:
            return hits, ()
        try:
            ordered = rerank(
                text,
                hits,
                self._reranker,
                top=config.rerank_top,
                seconds=config.rerank_seconds,
                weight=config.rerank_weight,
                k=config.rrf_k,
            )
        except BasicChatError as error:
            return hits, (f"The passages were not reranked: {error}",)
        return ordered, ()
