"""Fitting passages into a budget of tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from basicchat.core.spans import on_page
from basicchat.core.types import Passage

LEAST_CHARACTERS = 80  # a shorter piece of a cut passage says too little to be worth its number

_BORDER = re.compile(r"\n+|(?<=[.!?;:])\s+")


def pack(passages: Sequence[Passage], *, budget: int, count: Callable[[str], int]) -> tuple[Passage, ...]:
    """Take passages in order as long as they fit, numbered from 1.

    The ``count`` of the texts taken never adds up to more than ``budget``, whatever ``count`` says. One that does not
    fit is passed over for shorter ones behind it, except the first: it is cut at the end of a sentence or line.
    """
    taken: list[Passage] = []
    left = budget
    for passage in passages:
        cost = count(passage.text)
        if cost > left and not taken:
            passage = _cut(passage, budget=left, count=count)
            cost = count(passage.text)
        if passage.text and cost <= left:
            taken.append(replace(passage, number=len(taken) + 1))
            left -= cost
    return tuple(taken)


def _cut(passage: Passage, *, budget: int, count: Callable[[str], int]) -> Passage:
    """The longest beginning up to a border that fits; empty text when not even the shortest does."""
    borders = [found.start() for found in _BORDER.finditer(passage.text) if found.start() >= LEAST_CHARACTERS]
    low, high = 0, len(borders)
    while low < high:
        middle = (low + high) // 2
        if count(passage.text[: borders[middle]]) <= budget:
            low = middle + 1
        else:
            high = middle
    end = borders[low - 1] if low else 0
    return replace(passage, text=passage.text[:end], end=on_page(passage, 0, end)[1])
