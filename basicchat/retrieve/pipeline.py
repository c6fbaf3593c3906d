"""From a question to passages for a prompt."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from basicchat.core.errors import BasicChatError
from basicchat.core.generations import Serving
from basicchat.core.protocols import LexicalIndex, Reranker, Store
from basicchat.core.types import Chunk, Hit, Page, Passage, Query, Scope
from basicchat.retrieve.blend import Weights, blend
from basicchat.retrieve.diversity import repeats_last
from basicchat.retrieve.expand import PageKey, merge
from basicchat.retrieve.filter import narrowed
from basicchat.retrieve.fuse import reciprocal_rank_fusion
from basicchat.retrieve.language import in_english
from basicchat.retrieve.links import follow_links
from basicchat.retrieve.order import Order, arranged
from basicchat.retrieve.pack import pack
from basicchat.retrieve.rerank import rerank
from basicchat.retrieve.search import Found, search_both

ONE_RANKING = frozenset({"meaning", "words"})

Fusion = Literal["scores", "ranks", "meaning", "words"]
"""How the two rankings become one: by their scores, by ranks alone, or by one ranking alone."""


Watch = Callable[[str, Sequence[Hit], Mapping[str, float], float], None]
"""Hears of a search: its text, its hits, best first, seconds by step, and its start by `time.perf_counter`."""


@dataclass(frozen=True)
class RetrieveConfig:
    """How to search. Times in seconds; every step can be left out, see the benchmarks for what each is worth.

    ``candidates`` are taken from each ranking and become one by ``fusion`` and ``weights``. The reranker reads the
    first ``rerank_top`` for at most ``rerank_seconds`` (None: as long as it takes, which makes the order repeatable).
    ``link_lift`` is for hits that the best ones name, 0 for none, unless one of them holds the share ``sufficient`` of
    the question's words. ``english`` says how the names begin of models that know English only, and an empty
    text stands for all of them: where the question is in another language, words count in full beside such an embedder,
    and such a reranker is not asked. The first ``widen`` passages of a prompt get the chunks beside them where
    there is room. With ``diversity``, passages that repeat a better one come behind the others; ``order`` is that of a
    prompt.
    """

    candidates: int = 100
    fusion: Fusion = "scores"
    weights: Weights = field(default_factory=Weights)
    rerank_top: int = 12
    rerank_seconds: float | None = 0.6
    rerank_weight: float = 0.1
    link_lift: float = 0.3
    sufficient: float = 0.9
    english: tuple[str, ...] = ("",)
    widen: int = 2
    diversity: bool = True
    order: Order = "best-first"


@dataclass(frozen=True)
class Retrieval:
    """What was found, best first. ``queries`` are the texts really searched with; ``timings`` in seconds by step."""

    queries: tuple[str, ...]
    hits: tuple[Hit, ...]
    timings: Mapping[str, float]
    warnings: tuple[str, ...] = ()


class Retriever:
    """Searches by meaning and by words at once, joins both, reranks the head, and follows links from the best."""

    def __init__(
        self,
        *,
        generations: Serving,
        lexical: LexicalIndex,
        store: Store,
        reranker: Reranker | None,
        config: RetrieveConfig,
    ) -> None:
        self._watch: Watch | None = None
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
        with self._store.begin() as unit:
            scope = narrowed(query.scope, unit)
        asked_at = time.perf_counter()
        with self._generations.serving() as generation:
            english = generation.embedder.name.startswith(self._config.english)
            found = search_both(query.text, scope=scope, depth=depth, generation=generation, lexical=self._lexical)
        fused_at = time.perf_counter()
        hits = self._joined(query.text, self._load(found), found, english=english)
        loaded_at = time.perf_counter()
        hits, warnings = self._rerank(query.text, hits)
        if self._config.link_lift:
            hits = follow_links(query.text, hits, lift=self._config.link_lift, sufficient=self._config.sufficient)
        if self._config.diversity:
            hits = repeats_last(hits)
        ended = time.perf_counter()
        timings = found.seconds | {
            "filter": asked_at - started,
            "search": fused_at - started,
            "load": loaded_at - fused_at,
            "rerank": ended - loaded_at,
            "total": ended - started,
        }
        if self._watch is not None:
            self._watch(query.text, hits[: query.top_k], timings, started)
        return Retrieval((query.text,), tuple(hits[: query.top_k]), timings, found.warnings + warnings)

    def watched(self, watch: Watch) -> Retriever:
        """The same, and ``watch`` is told of every search."""
        twin = self.varied(config=self._config, reranker=self._reranker)
        twin._watch = watch
        return twin

    def varied(self, *, config: RetrieveConfig, reranker: Reranker | None) -> Retriever:
        """Another way to search the same library."""
        return Retriever(
            generations=self._generations,
            lexical=self._lexical,
            store=self._store,
            reranker=reranker,
            config=config,
        )

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
                return arranged(pack(passages, budget=budget, count=tokens), self._config.order)
        return arranged(pack(merge(hits, pages=pages), budget=budget, count=tokens), self._config.order)

    def stand(self, passages: Sequence[Passage], scope: Scope) -> bool:
        """Whether passages that were read before may be used for a question: each is in the scope, unchanged."""
        ids = [chunk for passage in passages for chunk in passage.chunk_ids]
        with self._store.begin() as unit:
            chunks = unit.documents.chunks_by_id(ids)
            documents = unit.documents.many(list({passage.document.id for passage in passages}))
            pages = {
                (each.document.id, each.page): unit.documents.page(each.document.id, each.page) for each in passages
            }
        allowed = set(ids if scope.chunk_ids is None else scope.chunk_ids)
        inside = set(scope.document_ids or documents)
        return all(
            passage.document.id in inside
            and (document := documents.get(passage.document.id)) is not None
            and document.collection == scope.collection
            and allowed.issuperset(passage.chunk_ids)
            and _unchanged(passage, chunks, pages[passage.document.id, passage.page])
            for passage in passages
        )

    def document_count(self, scope: Scope) -> int:
        """How many documents there are to look in."""
        if scope.chunk_ids == ():
            return 0
        with self._store.begin() as unit:
            if scope.document_ids:
                documents = unit.documents.many(scope.document_ids).values()
                return sum(document.collection == scope.collection for document in documents)
            return unit.documents.count(scope.collection)

    def score(self, text: str, passages: Sequence[str], *, seconds: float) -> list[float]:
        """Logits of a leading part of ``passages`` by the reranker, as many as ``seconds`` allow; none without one."""
        reranker = self._reader(text)
        if reranker is None or not passages:
            return []
        return reranker.score(text, passages, deadline=time.monotonic() + seconds)

    def _load(self, found: Found) -> list[Hit]:
        """What was found, with the scores it was found by; in no order."""
        dense, lexical = dict(found.dense), dict(found.lexical)
        ids = list(dict.fromkeys([*dense, *lexical]))
        with self._store.begin() as unit:
            chunks = unit.documents.chunks_by_id(ids)
            documents = unit.documents.many(sorted({chunk.document_id for chunk in chunks.values()}))
        hits = []
        for chunk_id in ids:
            chunk = chunks.get(chunk_id)
            if chunk is None or chunk.document_id not in documents:
                continue
            scores = {"dense": dense[chunk_id]} if chunk_id in dense else {}
            scores |= {"lexical": lexical[chunk_id]} if chunk_id in lexical else {}
            hits.append(Hit(chunk, documents[chunk.document_id], 0.0, scores))
        return hits

    def _joined(self, text: str, hits: Sequence[Hit], found: Found, *, english: bool) -> list[Hit]:
        """The hits by one score, best first."""
        config = self._config
        if config.fusion == "ranks":
            rankings = [[chunk_id for chunk_id, _ in ranking] for ranking in (found.dense, found.lexical)]
            return _in_order(hits, dict(reciprocal_rank_fusion(rankings)))
        if config.fusion in ONE_RANKING:
            return _in_order(hits, dict(found.dense if config.fusion == "meaning" else found.lexical))
        return blend(text, hits, weights=config.weights, english_embedder=english)

    def _reader(self, text: str) -> Reranker | None:
        """The reranker, where there is one that knows the language of the question."""
        reranker = self._reranker
        knows_it = reranker is None or not reranker.name.startswith(self._config.english) or in_english(text)
        return reranker if knows_it else None

    def _rerank(self, text: str, hits: list[Hit]) -> tuple[list[Hit], tuple[str, ...]]:
        config = self._config
        reranker = self._reader(text)
        if reranker is None or not config.rerank_top:
            return hits, ()
        try:
            ordered = rerank(
                text,
                hits,
                reranker,
                top=config.rerank_top,
                seconds=config.rerank_seconds,
                weight=config.rerank_weight,
            )
        except BasicChatError as error:
            return hits, (f"The passages were not reranked: {error}",)
        return ordered, ()


def _in_order(hits: Sequence[Hit], scores: Mapping[str, float]) -> list[Hit]:
    """The hits that have a score, best first, ties to the smaller id."""
    scored = [
        replace(hit, score=scores[hit.chunk.id], scores={**hit.scores, "fused": scores[hit.chunk.id]})
        for hit in hits
        if hit.chunk.id in scores
    ]
    return sorted(scored, key=lambda hit: (-hit.score, hit.chunk.id))


def _unchanged(passage: Passage, chunks: Mapping[str, Chunk], page: Page | None) -> bool:
    """Whether a passage, maybe cut at its end, still is what its chunks or its page say."""
    found = [chunks[each] for each in passage.chunk_ids if each in chunks]
    if page is None or len(found) < len(passage.chunk_ids):
        return False
    if len(found) == 1 and found[0].edited:
        return found[0].text.startswith(passage.text)
    return not any(each.edited for each in found) and page.text[passage.start : passage.end] == passage.text
