"""Merging rankings of one corpus into one."""

from __future__ import annotations

from collections.abc import Sequence

RRF_K = 60  # the constant of Cormack, Clarke & Buettcher, "Reciprocal Rank Fusion", SIGIR 2009


def reciprocal_rank_fusion(rankings: Sequence[Sequence[str]], *, k: int = RRF_K) -> list[tuple[str, float]]:
    """Merge rankings of chunk ids into one, best first.

    A chunk earns ``1 / (k + rank)`` from each ranking that holds it; ranks count from 1 and a chunk that stands twice
    in one ranking earns from its better place only. Ties go to the smaller id, so the same inputs always give the same
    order.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, chunk_id in enumerate(dict.fromkeys(ranking), start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
