"""Measures of one ranking, as trec_eval and BEIR compute them. A ranking holds every name once, best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """Normalised discounted cumulative gain of the first ``k``: gain is the grade, discount log2(rank + 1).

    Jarvelin & Kekalainen, ACM TOIS 20 (2002), with the linear gain of trec_eval.
    """
    gained = sum(grades.get(name, 0) / math.log2(rank + 1) for rank, name in enumerate(ranking[:k], start=1))
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, start=1))
    return gained / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """The share of relevant documents among the first ``k``, as trec_eval's ``recall_k``."""
    relevant = _relevant(grades)
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def hit(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """1 where a relevant document is among the first ``k``, else 0: trec_eval's ``success_k``."""
    return float(bool(_relevant(grades) & set(ranking[:k])))


def all_gold(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """1 where every relevant document is among the first ``k``, else 0; 0 where none is relevant.

    What a question over several passages needs; with one relevant document it is `hit`.
    """
    relevant = _relevant(grades)
    return float(bool(relevant) and relevant <= set(ranking[:k]))


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """One over the rank of the first relevant document, 0 when it is not among the first ``k`` (Voorhees, TREC-8)."""
    ranks = (rank for rank, name in enumerate(ranking[:k], start=1) if grades.get(name, 0) > 0)
    return 1 / next(ranks, math.inf)


def _relevant(grades: Mapping[str, int]) -> set[str]:
    return {name for name, grade in grades.items() if grade > 0}
