"""The words of a text that carry its meaning, for counting what two texts share."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")  # noqa: RUF001
_STOP_WORDS = """
    a about above after again all also am an and any are as at be because been before being below between both but by
    can cannot could did do does doing done down during each else ever few find for from further get give given go had
    has have having he hello help her here hers hey hi him his how however i if in into is it its just kindly know let
    like many may me might more most much must my no nor not now of off ok okay on once only or other our out over own
    please question really same say says see shall she should show so some such tell than thank thanks that the their
    them then there these they this those through to too under until up upon us very was we well were what whatever
    when where whether which while who whom whose why will with within would yes you your yours
    answer answers document documents file files passage passages page pages
"""
_STOP = frozenset(_STOP_WORDS.split())
_ENDINGS = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "e", "y")
_SHORTEST_STEM = 3


def terms(text: str) -> list[str]:
    """Content words of ``text`` in order, lowercased and cut to a crude stem; numbers without thousands separators.

    Stop words are left out, and so are words that only talk about asking ("please", "document").
    """
    words = (found.group().lower() for found in _WORD.finditer(text))
    return [stem(word) for word in words if word not in _STOP]


def numbers(text: str) -> set[str]:
    """The terms of ``text`` that hold a digit."""
    return {term for term in terms(text) if any(letter.isdigit() for letter in term)}


def coverage(question: str, text: str) -> float:
    """The share of the question's content words that stand in ``text``; 1 when it has none."""
    wanted = set(terms(question))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


def stem(word: str) -> str:
    """``word`` without its commonest English endings, so that "prices" meets "price". Numbers keep every digit."""
    if any(letter.isdigit() for letter in word):
        return word.replace(",", "")
    word = word.replace("’", "'").removesuffix("'s")  # noqa: RUF001
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
