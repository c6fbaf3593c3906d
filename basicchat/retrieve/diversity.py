"""Passages that repeat a better one: two versions of a file must not fill a prompt with the same paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from basicchat.core.types import Hit
from basicchat.retrieve.terms import numbers

LOOKED_AT = 40
"""Hits from the first on that are compared: several times what a prompt takes, in a few milliseconds."""
ALIKE = 0.8
"""Share of neighbouring pairs of words, of all that either text has, from which on two texts are the same."""

_WORD = re.compile(r"[^\W_]+")

Pairs = frozenset[tuple[str, str]]


def repeats_last(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, best first, those that repeat a better one behind the others that were looked at; none is lost.

    A text repeats another when the two share `ALIKE` of their neighbouring pairs of words (Jaccard) and hold the same
    numbers: one that gives 60 days for 30 says something else, and is a conflict to be shown. Scores stay as they are.
    """
    looked_at, rest = hits[:LOOKED_AT], hits[LOOKED_AT:]
    kept: list[tuple[Pairs, Hit]] = []
    repeats: list[Hit] = []
    for hit in looked_at:
        pairs = _pairs(hit.chunk.text)
        if any(_same(pairs, hit, other_pairs, other) for other_pairs, other in kept):
            repeats.append(hit)
        else:
            kept.append((pairs, hit))
    return [*(hit for _, hit in kept), *repeats, *rest]


def _same(pairs: Pairs, hit: Hit, other_pairs: Pairs, other: Hit) -> bool:
    fewer, more = sorted((len(pairs), len(other_pairs)))
    if fewer < ALIKE * more or not fewer:  # too different in length to be alike
        return hit.chunk.text == other.chunk.text
    common = len(pairs & other_pairs)
    alike = common >= ALIKE * (fewer + more - common)
    return alike and numbers(hit.chunk.text) == numbers(other.chunk.text)


def _pairs(text: str) -> Pairs:
    return frozenset(pairwise(_WORD.findall(text.casefold())))
