"""Whether a question asks for one thing, or takes several steps: judged by its words, no model is asked.

A logistic regression over seven features. The weights were fitted on one half of the questions of HotpotQA (which take
two documents) and SQuAD2 (which take one), both kinds counting alike; ``python -m benchmarks.router`` fits them and
prints how well they do on the other half.
"""

from __future__ import annotations

import math
import re

from basicchat.reason.rewrite.parts import parts

FEATURES = ("several parts", "a comparison", "names", "words", "clauses", "joints", "no question word first")
WEIGHTS = (2.43, 0.78, 0.79, 2.77, 0.17, 1.16, 0.81)
BIAS = -6.26

_COMPARES = re.compile(
    r"\b(?:both|same|older|younger|earlier|later|first|more|less|bigger|larger|smaller|longer|shorter|taller|higher"
    r"|lower|between|compared?|differ\w*|or)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\s)[A-Z0-9\"'“][\w.'’-]*(?:\s+(?:of|the|de|and)?\s?[A-Z0-9][\w.'’-]*)*")  # noqa: RUF001
_CLAUSE = re.compile(r"(?<=\S\s)(?:that|who|whom|whose|which|where|when)\b|,", re.IGNORECASE)
_JOINT = re.compile(r"\b(?:of|by|in|for|from|with)\b", re.IGNORECASE)
_ASKS_FIRST = re.compile(r"^\W*(?:what|who|whom|whose|where|when|why|how|which)\b", re.IGNORECASE)


def features(question: str) -> tuple[float, ...]:
    """The values of `FEATURES`, none far from 0 to 3."""
    return (
        float(len(parts(question)) > 1),
        float(bool(_COMPARES.search(question))),
        float(len(_NAME.findall(question))),
        len(question.split()) / 10,
        float(len(_CLAUSE.findall(question))),
        float(len(_JOINT.findall(question))) / 2,
        float(not _ASKS_FIRST.match(question)),
    )


def several(question: str) -> float:
    """The probability that the question takes several steps, where one in two does."""
    total = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, features(question), strict=True))
    return 1 / (1 + math.exp(-total))


def reason(question: str) -> str:
    """Why a question seems to take several steps, in words."""
    compound, compares, *_ = features(question)
    if compound:
        return "it asks about several things"
    return "it compares things" if compares else "it asks about one thing by way of another"
