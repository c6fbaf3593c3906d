"""What can be measured of a claim against one sentence of a passage: the features of `basicchat.reason.verify`."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from itertools import pairwise

from basicchat.core.types import Passage
from basicchat.reason.figures import missing_figures
from basicchat.reason.polarity import denies, opposed
from basicchat.reason.sentences import Sentence
from basicchat.reason.support import Grounds, content, names


@dataclass(frozen=True)
class Measures:
    """A claim against a sentence of a passage.

    ``share`` and ``passage_share`` are the weighted shares of its words that the sentence and the passage hold;
    ``order`` the share of its pairs of neighbouring words that stand in the sentence as neighbours; ``figures`` and
    ``names`` the shares of its numbers and names that the sentence lacks, 0 where it has none; ``denied`` 1 where just
    one of the two denies something; ``opposed`` 1 where a word stands against its opposite.
    """

    share: float
    passage_share: float
    order: float
    figures: float
    names: float
    denied: float
    opposed: float

    def row(self, logit: float | None = None) -> list[float]:
        """The features in order, after a 1 for the bias; with the reranker's ``logit`` where it was asked."""
        plain = [1.0, *astuple(self)]
        return plain if logit is None else [*plain, logit / LOGIT_SCALE, max(logit, 0.0) / LOGIT_SCALE]


LOGIT_SCALE = 10.0
FEATURES = (
    "bias",
    "share",
    "passage share",
    "order",
    "figures",
    "names",
    "denied",
    "opposed",
    "logit",
    "logit above 0",
)


def measure(claim: str, passage: Passage, place: Sentence, grounds: Grounds) -> Measures:
    """Measure a claim against ``passage.text[place.start:place.end]``."""
    text = passage.text[place.start : place.end]
    share, whole = grounds.shares(claim, passage.number, place)
    asked = grounds.question
    figures = len(missing_figures(claim, text, besides=asked)) / max(_figures(claim), 1)
    named = names(claim)
    lacking = len(named - set(content(text)) - set(content(asked))) / max(len(named), 1)
    denied, against = denies(claim) != denies(text), opposed(claim, text)
    return Measures(share, whole, _order(claim, text), figures, lacking, float(denied), float(against))


def _figures(claim: str) -> int:
    return sum(any(letter.isdigit() for letter in word) for word in set(content(claim)))


def _order(claim: str, text: str) -> float:
    ours, theirs = list(pairwise(content(claim))), set(pairwise(content(text)))
    return sum(pair in theirs for pair in ours) / len(ours) if ours else 0.0


def logistic(value: float) -> float:
    """The probability of log odds, safe at both ends."""
    return 1 / (1 + math.exp(-max(min(value, 50.0), -50.0)))
