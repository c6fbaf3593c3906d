"""The gate before an answer: how likely it is that the passages found answer the question.

The constants lie in ``gate.json``: `scripts/fit_gate.py` writes them, with what they were fitted on and the rates that
were measured on other articles.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal, get_args

from basicchat.reason.evidence import Evidence

Strictness = Literal["strict", "balanced", "helpful"]
"""What to avoid: false answers (strict), false refusals (helpful), or both (balanced)."""

STRICTNESSES: tuple[Strictness, ...] = get_args(Strictness)
NEAR = 0.7
"""The cosine from which on a passage counts as near in meaning, for an embedder that nothing was fitted with."""


@dataclass(frozen=True)
class Regression:
    """A logistic regression over some measures."""

    weights: Mapping[str, float]
    bias: float

    def probability(self, known: Mapping[str, float]) -> float:
        """1 / (1 + e^-z), where z is the bias and the weighted measures together; needs every measure it weighs."""
        z = self.bias + sum(weight * known[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


@dataclass(frozen=True)
class Rates:
    """What was measured at a threshold, in questions of articles that nothing was fitted on.

    ``refused`` of ``answerable`` had an answer and were declined; ``answered`` of ``unanswerable`` are on the subject
    without being answered, and ``strayed`` of ``off`` are about something else.
    """

    answerable: int
    refused: int
    unanswerable: int
    answered: int
    off: int
    strayed: int

    @property
    def words(self) -> str:
        """The rates in a sentence."""
        return (
            f"declines {self.refused} of {self.answerable} questions that the documents answer; answers {self.strayed} "
            f"of {self.off} about something else, and {self.answered} of {self.unanswerable} that fit a document "
            f"without being answered by it"
        )


@dataclass(frozen=True)
class Fitted:
    """Whether the passages are on the subject, and if so, whether they answer: the product of both, made true.

    ``calibration`` are points of a line that never falls, from products to shares of questions with an answer.
    """

    subject: Regression
    answer: Regression
    calibration: Sequence[tuple[float, float]]
    thresholds: Mapping[Strictness, float]
    measured: Mapping[Strictness, Rates]

    @property
    def needs(self) -> frozenset[str]:
        """The measures that it goes by."""
        return frozenset({*self.subject.weights, *self.answer.weights})

    def probability(self, known: Mapping[str, float]) -> float:
        """That the passages answer the question; needs every measure of `needs`."""
        return between(self.calibration, self.subject.probability(known) * self.answer.probability(known))


def between(points: Sequence[tuple[float, float]], x: float) -> float:
    """The height at ``x`` of the line through points in order of x; level before the first and after the last."""
    after = bisect_right([at for at, _ in points], x)
    if after in (0, len(points)):
        return points[min(after, len(points) - 1)][1]
    (left, low), (right, high) = points[after - 1 : after + 1]
    return low + (high - low) * (x - left) / (right - left)


@cache
def fitted() -> tuple[Fitted, ...]:
    """What came with the program, those that go by most measures first."""
    return tuple(_read(each) for each in gate_file()["gates"])


@cache
def gate_file() -> dict[str, Any]:
    """The whole of ``gate.json``, with how it was made."""
    found: dict[str, Any] = json.loads(files("basicchat.reason").joinpath("gate.json").read_text(encoding="utf-8"))
    return found


@cache
def asked_models() -> dict[str, dict[Strictness, float]]:
    """The likelihood of yes to ask for, by the name of each chat model that was measured and can tell."""
    return {name: dict(each["thresholds"]) for name, each in gate_file()["chat_models"].items()}


def _read(each: Mapping[str, Any]) -> Fitted:
    return Fitted(
        subject=Regression(**each["subject"]),
        answer=Regression(**each["answer"]),
        calibration=tuple((x, y) for x, y in each["calibration"]),
        thresholds=each["thresholds"],
        measured={name: Rates(**rates) for name, rates in each["measured"].items()},
    )


@dataclass(frozen=True)
class Gate:
    """Answers where it is likely enough that the passages answer the question, as likely as the strictness asks for.

    ``same_embedder`` and ``same_reranker`` say whether cosines and logits are of the models that it was fitted with;
    those of others are not comparable, and it does without them. A cosine of another embedder, or for a question in
    another language than English, opens the gate from `NEAR` on, as there shared words tell little.
    """

    strictness: Strictness = "balanced"
    same_embedder: bool = True
    same_reranker: bool = True
    fitted: tuple[Fitted, ...] = field(default_factory=fitted)

    def probability(self, evidence: Evidence) -> float | None:
        """That the passages answer the question, from 0 to 1; None where no comparable measure tells."""
        if self._near(evidence):
            return None
        known = self._comparable(evidence)
        return self._for(known).probability(known)

    def opens(self, evidence: Evidence) -> bool:
        """Whether to answer at all."""
        known = self._comparable(evidence)
        return self._near(evidence) or self._for(known).probability(known) >= self.least(evidence)

    def least(self, evidence: Evidence) -> float:
        """The probability from which on it opens."""
        return self._for(self._comparable(evidence)).thresholds[self.strictness]

    @property
    def rates(self) -> Mapping[Strictness, Rates]:
        """What was measured at each strictness, with the scores that are comparable."""
        strange = self._strange(english=True)
        return next(each for each in self.fitted if not strange & each.needs).measured

    def _near(self, evidence: Evidence) -> bool:
        """Whether only a cosine tells that is not comparable, and it is high."""
        known = self._comparable(evidence)
        return not {"dense", "rerank"} & known.keys() and evidence.dense is not None and evidence.dense >= NEAR

    def _comparable(self, evidence: Evidence) -> dict[str, float]:
        strange = self._strange(english=evidence.english)
        return {name: value for name, value in evidence.known().items() if name not in strange}

    def _strange(self, *, english: bool) -> set[str]:
        """The measures that are not comparable."""
        strange = set() if self.same_embedder and english else {"dense"}
        return strange | (set() if self.same_reranker else {"rerank"})

    def _for(self, known: Mapping[str, float]) -> Fitted:
        return next(each for each in self.fitted if each.needs <= known.keys())


def never_falls(points: Sequence[tuple[float, float]]) -> bool:
    """Whether points are in order of x without a repeat, and no y is below the one before."""
    return all(left < right and low <= high for (left, low), (right, high) in pairwise(points))
