"""The figures of a run, and of the difference between two, with intervals by bootstrap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from basicchat.core.errors import InvalidInput
from basicchat.core.types import Json
from basicchat.evaluate.confidence import calibration_error, risk_coverage, risk_coverage_area
from basicchat.evaluate.retrieval import percentile
from basicchat.evaluate.rows import Row, measures

RESAMPLES = 2000
SEED = 20
INTERVAL = (2.5, 97.5)
"""Percentiles between which 95 of 100 resamples lie."""
BALANCED = "balanced"
"""Balanced accuracy of answer-or-refuse: the mean of ``answered`` and ``declined``."""

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A mean over ``count`` questions and the interval that 95 of 100 resamples fall into."""

    name: str
    value: float
    low: float
    high: float
    count: int

    def as_json(self) -> dict[str, Json]:
        """The figure to four digits."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {**_rounded(numbers), "count": self.count}


def summarise(rows: Sequence[Row], *, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[Figure, ...]:
    """Every measure of a run. Intervals by the percentile bootstrap over questions (Efron & Tibshirani 1993)."""
    table = _table(rows)
    drawn = _draws(len(rows), resamples, seed)
    whole = np.arange(len(rows))[np.newaxis]
    return tuple(
        Figure(
            name,
            float(_resampled(table, name, whole)[0]),
            *_interval(_resampled(table, name, drawn)),
            _count(table, name),
        )
        for name in _names(table)
    )


@dataclass(frozen=True)
class Difference:
    """A measure in two runs over the same questions; the interval is that of ``second`` minus ``first``."""

    name: str
    first: float
    second: float
    low: float
    high: float
    count: int

    @property
    def difference(self) -> float:
        """How much more the second has."""
        return self.second - self.first

    @property
    def clear(self) -> bool:
        """Whether the interval does not hold 0."""
        return self.low > 0 or self.high < 0

    def as_json(self) -> dict[str, Json]:
        """The difference to four digits."""
        numbers = {
            "first": self.first, "second": self.second, "difference": self.difference, "low": self.low,
            "high": self.high,
        }  # fmt: skip
        return {**_rounded(numbers), "count": self.count, "clear": self.clear}


def compare(
    first: Sequence[Row], second: Sequence[Row], *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[Difference, ...]:
    """Every measure that both runs have, over the questions that both asked, which are drawn together.

    Paired bootstrap: Koehn, EMNLP 2004; interval by percentiles. Raises `InvalidInput` where they share no question.
    """
    shared = {row.id: row for row in first}
    pairs = [(shared[row.id], row) for row in second if row.id in shared]
    if not pairs:
        raise InvalidInput("The two runs share no question.", hint="Compare two runs over the same set.")
    tables = [_table([pair[side] for pair in pairs]) for side in (0, 1)]
    drawn = _draws(len(pairs), resamples, seed)
    whole = np.arange(len(pairs))[np.newaxis]
    found = []
    for name in (name for name in _names(tables[0]) if name in _names(tables[1])):
        before, after = (float(_resampled(table, name, whole)[0]) for table in tables)
        apart = _resampled(tables[1], name, drawn) - _resampled(tables[0], name, drawn)
        found.append(Difference(name, before, after, *_interval(apart), _count(tables[0], name)))
    return tuple(found)


@dataclass(frozen=True)
class Certainty:
    """How well the stated confidence tells what is right. ``of`` says what counts as right."""

    of: str
    count: int
    calibration_error: float
    risk_coverage_area: float

    def as_json(self) -> dict[str, Json]:
        """The figures to four digits."""
        return {
            "of": self.of,
            "count": self.count,
            "calibration_error": round(self.calibration_error, 4),
            "risk_coverage_area": round(self.risk_coverage_area, 4),
        }


def confident(rows: Sequence[Row]) -> tuple[str, list[float], list[bool]]:
    """What counts as right, and confidence and rightness of every row that has both.

    An answer is right by the grader, and for an unanswerable question never; in a search, where gold stands first.
    """
    answered = any(row.answer is not None for row in rows)
    pairs = []
    for row in rows:
        right = _settled(row) if answered else (row.ranks and 1 in row.ranks and row.answerable)
        if row.confidence is not None and right is not None and (answered or row.gold):
            pairs.append((row.confidence, bool(right)))
    return "right" if answered else "hit@1", [score for score, _ in pairs], [good for _, good in pairs]


def certainty(rows: Sequence[Row]) -> Certainty | None:
    """Calibration error and area under the risk-coverage curve; None where no confidence was stated."""
    of, scores, right = confident(rows)
    if not scores:
        return None
    return Certainty(
        of, len(scores), calibration_error(scores, right), risk_coverage_area(risk_coverage(scores, right))
    )


def times(rows: Sequence[Row]) -> dict[str, Json]:
    """Seconds a question, by nearest rank."""
    seconds = [row.seconds for row in rows]
    return {"seconds_p50": round(percentile(seconds, 50), 4), "seconds_p95": round(percentile(seconds, 95), 4)}


def _rounded(numbers: Mapping[str, float]) -> dict[str, Json]:
    return {name: round(number, 4) for name, number in numbers.items()}


def _settled(row: Row) -> bool | None:
    return row.right if row.answerable else False


def _table(rows: Sequence[Row]) -> Mapping[str, Figures]:
    """A column a measure, NaN where a question does not count for it."""
    found = [measures(row) for row in rows]
    names = dict.fromkeys(name for each in found for name in each)
    return {name: np.array([each.get(name, np.nan) for each in found], dtype=np.float64) for name in names}


def _names(table: Mapping[str, Figures]) -> list[str]:
    return [*table, *([BALANCED] if {"answered", "declined"} <= set(table) else [])]


def _count(table: Mapping[str, Figures], name: str) -> int:
    columns = ("answered", "declined") if name == BALANCED else (name,)
    return int(sum(np.isfinite(table[column]).sum() for column in columns))


def _draws(count: int, resamples: int, seed: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, count, size=(resamples, count))


def _resampled(table: Mapping[str, Figures], name: str, drawn: npt.NDArray[np.int64]) -> Figures:
    """The mean of a measure in every resample; NaN where none of its questions was drawn."""
    if name == BALANCED:
        answered, declined = (_resampled(table, part, drawn) for part in ("answered", "declined"))
        return (answered + declined) / 2
    column = table[name]
    counted = np.isfinite(column)
    sums, counts = np.where(counted, column, 0)[drawn].sum(axis=1), counted[drawn].sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _interval(values: Figures) -> tuple[float, float]:
    """The 95 % interval; not a number where no resample had such a question."""
    kept = values[np.isfinite(values)]
    if not kept.size:
        return (float("nan"), float("nan"))
    low, high = np.percentile(kept, INTERVAL)
    return float(low), float(high)
