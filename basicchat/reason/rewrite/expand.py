"""Further words to search with, taken from what a first search found (pseudo-relevance feedback)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from basicchat.retrieve.terms import terms

BELIEVED = 3  # passages that are taken to be about the question
WORDS = 4  # words that are added

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")  # noqa: RUF001


def expanded(question: str, passages: Sequence[str], *, believed: int = BELIEVED, words: int = WORDS) -> str:
    """``question`` with at most ``words`` words behind it that set the first passages apart from the later ones.

    A word counts by the share of the first ``believed`` passages that hold it, less the share of the rest; it must
    stand in two of the first. In the spirit of Rocchio's method (1971), with the later passages as the ones to turn
    away from. Without passages to compare with, the question comes back as it is.
    """
    first, rest = passages[:believed], passages[believed:]
    if len(first) < 2 or not rest:
        return question
    held, elsewhere = _held(first), _held(rest)
    own = set(terms(question))
    gains = {
        term: count / len(first) - elsewhere[term] / len(rest)
        for term, count in held.items()
        if count > 1 and term not in own and not term.isdigit()
    }
    best = sorted((term for term in gains if gains[term] > 0), key=lambda term: (-gains[term], term))[:words]
    return " ".join((question, *(_written(term, first) for term in best)))


def _held(passages: Sequence[str]) -> Counter[str]:
    return Counter(term for passage in passages for term in set(terms(passage)))


def _written(term: str, passages: Sequence[str]) -> str:
    """The word of the passages that ``term`` was cut from."""
    words = (word.group() for passage in passages for word in _WORD.finditer(passage))
    return next(word for word in words if terms(word) == [term])
