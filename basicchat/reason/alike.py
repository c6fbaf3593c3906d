"""Whether answers to one question say the same, by their numbers and words: agreement that can be counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from basicchat.reason.claims import without_numbers
from basicchat.retrieve.terms import terms

SAME = 0.5  # share of words in common from which two answers count as one

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def alike(one: str, other: str, *, question: str) -> float:
    """From 0 to 1. Answers whose last numbers differ are not alike; else the words in common count (Dice).

    Words and numbers of the question count for nothing, as every answer may repeat them, unless that leaves nothing.
    """
    known = set(terms(question))
    numbers = [_last_number(text, question) for text in (one, other)]
    if None not in numbers and numbers[0] != numbers[1]:
        return 0.0
    first, second = (set(terms(without_numbers(text))) for text in (one, other))
    first, second = first - known or first, second - known or second
    shared = 2 * len(first & second) / (len(first) + len(second)) if first and second else float(first == second)
    return max(shared, SAME) if None not in numbers else shared


def groups(answers: Sequence[str], *, question: str) -> list[list[int]]:
    """The places of answers that say the same, the largest group first, ties to the one that begins first.

    An answer joins the first group whose first answer it is like.
    """
    found: list[list[int]] = []
    for place, answer in enumerate(answers):
        own = next((group for group in found if alike(answers[group[0]], answer, question=question) >= SAME), None)
        if own is None:
            found.append([place])
        else:
            own.append(place)
    return sorted(found, key=lambda group: (-len(group), group[0]))


def _last_number(text: str, question: str) -> str | None:
    known = {_plain(number) for number in _NUMBER.findall(question)}
    numbers = [_plain(number) for number in _NUMBER.findall(without_numbers(text))]
    return next((number for number in reversed(numbers) if number not in known), None)


def _plain(number: str) -> str:
    bare = number.replace(",", "")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare
