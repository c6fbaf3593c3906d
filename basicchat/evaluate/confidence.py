"""Measures of answering or refusing, and of how well a confidence tells which answers are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def balanced_accuracy(answerable: Sequence[bool], refused: Sequence[bool]) -> float:
    """The mean of two shares: of answerable questions that were answered, and of unanswerable ones that were refused.

    Brodersen et al., ICPR 2010. Where a kind is missing, the share of the other; 0 of nothing.
    """
    kept = [not no for can, no in zip(answerable, refused, strict=True) if can]
    declined = [no for can, no in zip(answerable, refused, strict=True) if not can]
    shares = [sum(each) / len(each) for each in (kept, declined) if each]
    return sum(shares) / len(shares) if shares else 0.0


@dataclass(frozen=True)
class RiskPoint:
    """When only the surest are answered: the share that is, the share of those that is wrong, the last one's score."""

    coverage: float
    risk: float
    score: float


def risk_coverage(scores: Sequence[float], right: Sequence[bool]) -> tuple[RiskPoint, ...]:
    """The risk at every coverage that a threshold can reach, the least coverage first.

    El-Yaniv & Wiener, JMLR 11 (2010). Answers with one score are all given or none is.
    """
    ordered = sorted(zip(scores, right, strict=True), key=lambda pair: -pair[0])
    points = []
    wrong = 0
    for given, (score, good) in enumerate(ordered, start=1):
        wrong += not good
        if given == len(ordered) or ordered[given][0] != score:
            points.append(RiskPoint(given / len(ordered), wrong / given, score))
    return tuple(points)


def risk_coverage_area(points: Sequence[RiskPoint]) -> float:
    """The mean risk over all coverages, less is better: each point's risk times the coverage it adds.

    Geifman et al., ICLR 2019 (AURC). 0 of no points.
    """
    area = before = 0.0
    for point in points:
        area += point.risk * (point.coverage - before)
        before = point.coverage
    return area


def calibration_error(probabilities: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Expected calibration error: how far stated probabilities are from what happens, weighted over bins.

    Naeini et al., AAAI 2015, with bins of equal width: the sum over bins of n_b / n times the absolute difference of
    mean probability and share of right ones. 0 of nothing. Raises `ValueError` for what is not in [0, 1].
    """
    if not all(0 <= probability <= 1 for probability in probabilities):
        raise ValueError("Probabilities are between 0 and 1.")
    if bins < 1:
        raise ValueError("There must be a bin.")
    held: dict[int, list[tuple[float, bool]]] = {}
    for probability, good in zip(probabilities, right, strict=True):
        held.setdefault(min(int(probability * bins), bins - 1), []).append((probability, good))
    apart = sum(abs(sum(p for p, _ in each) - sum(good for _, good in each)) for each in held.values())
    return apart / len(probabilities) if probabilities else 0.0
