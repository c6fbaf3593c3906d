"""What the best passages show for a question: measures of search and of shared words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from basicchat.core.types import Hit
from basicchat.reason.sentences import sentences
from basicchat.retrieve.language import in_english
from basicchat.retrieve.terms import coverage

LOOKED_AT = 5  # hits; an answer that is not in the first few is not going to be in the prompt either
LEAST_LOGIT, MOST_LOGIT = -12.0, 2.0  # beyond these a logit says no more, on articles for fitting


@dataclass(frozen=True)
class Evidence:
    """How well the best hits fit the question; None where nothing was measured.

    ``rerank`` is the best logit of the reranker, from `LEAST_LOGIT` to `MOST_LOGIT`, and ``dense`` the best cosine.
    ``coverage`` is the share of the question's content words that stand in one of the best hits, ``sentence`` the same
    for one sentence; 1 for a question without any. ``likelihood`` is what a chat model says, from 0 to 1. ``english``
    tells the language of the question.
    """

    coverage: float
    sentence: float = 0.0
    dense: float | None = None
    rerank: float | None = None
    likelihood: float | None = None
    english: bool = True

    def known(self) -> dict[str, float]:
        """The measures that are there, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "english"}
        return {name: value for name, value in found.items() if value is not None}


def measure(question: str, hits: Sequence[Hit]) -> Evidence:
    """The evidence of the first `LOOKED_AT` hits."""
    head = hits[:LOOKED_AT]
    logits = [_cut(hit.scores["rerank"]) for hit in head if "rerank" in hit.scores]
    cosines = [hit.scores["dense"] for hit in head if "dense" in hit.scores]
    texts = [hit.chunk.text for hit in head]
    return Evidence(
        coverage=max((coverage(question, text) for text in texts), default=0.0),
        sentence=best_sentence(question, texts)[1],
        dense=max(cosines, default=None),
        rerank=max(logits, default=None),
        english=in_english(question),
    )


def _cut(logit: float) -> float:
    return max(LEAST_LOGIT, min(MOST_LOGIT, logit))


def best_sentence(question: str, texts: Sequence[str]) -> tuple[str, float]:
    """The sentence that holds most of the question's content words, the first of equals, and the share it holds."""
    pieces = (text[piece.start : piece.end] for text in texts for piece in sentences(text))
    scored = ((piece, coverage(question, piece)) for piece in pieces)
    return max(scored, key=lambda pair: pair[1], default=("", 0.0))
