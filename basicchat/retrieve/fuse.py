"""Merging rankings of one corpus into one."""

from __future__ import annotations

from collections.abc import Sequence

RRF_K = 60  # the constant of Cormack, Clarke & Buettcher, "Reciprocal Rank Fusion", SIGIR 2009


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[str]], *, k: int = RRF_K, weights: Sequence[float] = ()
) -> list[tuple[str, float]]:
    """Merge rankings of chunk ids into one, best first.

    A chunk earns ``weight / (k + rank)`` from each ranking that holds it; ranks count from 1 and a chunk that stands
    twice in one ranking earns from its better place only. ``weights`` are one a ranking, all 1 when left out.
    Ties go to the smaller id, so the same inputs always give the same order. A ranking of weight 0 adds its chunks
    with score 0.
    """
    if weights and len(weights) != len(rankings):
        raise ValueError(f"{len(rankings)} rankings need as many weights, not {len(weights)}")
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, chunk_id in enumerate(dict.fromkeys(ranking), start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
