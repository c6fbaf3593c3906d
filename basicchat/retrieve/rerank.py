"""A second opinion on the head of a ranking."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from basicchat.core.protocols import Reranker
from basicchat.core.types import Hit
from basicchat.retrieve.fuse import RRF_K

READ_CHARACTERS = 1200  # some 300 tokens: a chunk with room to spare; more only costs time


def rerank(
    query: str,
    hits: Sequence[Hit],
    reranker: Reranker,
    *,
    top: int,
    seconds: float | None,
    weight: float = 1.0,
    k: int = RRF_K,
) -> list[Hit]:
    """Let ``reranker`` look at the first ``top`` hits for at most ``seconds`` (None: as long as it takes).

    Its order is fused with the first one, never put in its place: a cross-encoder misjudges right passages that
    share no words with the question. A hit earns ``1 / (k + first rank) + weight / (k + reranked rank)``; hits it
    did not get to keep their rank in both. Every hit is kept once, with its logit in ``scores["rerank"]``.
    """
    head = hits[:top]
    if not head:
        return list(hits)
    deadline = None if seconds is None else time.monotonic() + seconds
    logits = reranker.score(query, [hit.chunk.text[:READ_CHARACTERS] for hit in head], deadline=deadline)
    order = sorted(range(len(logits)), key=lambda place: (-logits[place], place))
    second_rank = {place: rank for rank, place in enumerate(order, start=1)}
    judged = []
    for place, hit in enumerate(hits):
        first = place + 1
        score = 1 / (k + first) + weight / (k + second_rank.get(place, first))
        scores = {**hit.scores, "rerank": logits[place]} if place in second_rank else hit.scores
        judged.append(replace(hit, score=score, scores=scores))
    return sorted(judged, key=lambda hit: (-hit.score, hit.chunk.id))
