"""Whether the numbers of a claim stand in a text, however they are written: 1.2 million is 1,200,000."""

from __future__ import annotations

import re

from basicchat.core.quantities import Quantity, dates, quantities
from basicchat.retrieve.terms import numbers

TELLING = 3  # digits: a bare number of so many may be meant in the thousands or millions of a table's head
AROUND = 20  # characters behind a number that may hold its unit

WRITTEN = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_SCALE_WORDS = """thousand million billion trillion thousands millions billions trillions mn bn"""
_SCALES = frozenset(_SCALE_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
_WITH_UNIT = re.compile(r"(\d[\d.]*)[^\W\d]+")
_FIGURE = re.compile(r"\d[\d,.]*")
_ROUNDING = 1e-9


def missing_figures(claim: str, text: str, *, besides: str = "") -> set[str]:
    """The terms of ``claim`` with a digit that neither ``text`` nor ``besides`` bears out.

    One is borne out where it stands there, or a number of the same worth, or a whole date of which it is a part. A
    number with a scale or a per cent sign must have it there too: 4 million is not 4, and 5 billion is not 5 million.
    """
    figures = numbers(claim)
    if not figures:
        return figures
    there = _There(text, besides)
    same_days = {part for day in dates(claim) & dates(text) for part in _parts(day.isoformat())}
    return {figure for figure in figures if figure not in same_days and not there.bears_out(claim, figure)}


class _There:
    """The numbers of a text, and those of another whose terms count as they stand."""

    def __init__(self, text: str, besides: str) -> None:
        self._terms = {bare(term) for term in numbers(text) | numbers(besides)}
        self._worth = quantities(text) + quantities(besides)
        words = {word.lower() for word in _WORD.findall(text)}
        self._written = {WRITTEN[word] for word in words if word in WRITTEN}
        self._scaled = bool(words & _SCALES)
        self._per_cent = "%" in text or bool(words & {"percent", "percentage", "cent"})

    def bears_out(self, claim: str, figure: str) -> bool:
        meanings = _meanings(claim, figure)
        plain = [each for each in meanings if each.scale is None and not each.percent]
        if bare(figure) in self._terms and (plain or not meanings):
            return True
        return any(self._same(each) for each in meanings)

    def _same(self, quantity: Quantity) -> bool:
        if quantity.scale is None and not quantity.percent and quantity.value in self._written:
            return True
        return any(self._worth_the_same(quantity, other) for other in self._worth)

    def _worth_the_same(self, one: Quantity, other: Quantity) -> bool:
        if one.year or other.year:
            return one.year == other.year and one.value == other.value
        if one.percent != other.percent:
            percent, bare = (one, other) if one.percent else (other, one)
            written = self._per_cent and percent.value == bare.value
            return bare.scale is None and (written or _near(percent.value / 100, bare.value))
        if _near(one.value * (one.scale or 1), other.value * (other.scale or 1)):
            return True
        # the head of a table may hold the scale, or a heading that is not in the passage
        telling = self._scaled or len(f"{one.value:g}".replace(".", "").rstrip("0")) >= TELLING
        return (one.scale is None) != (other.scale is None) and one.value == other.value and telling


def bare(figure: str) -> str:
    """A term with a digit without the unit at its end: ``3.5kg`` is ``3.5``."""
    found = _WITH_UNIT.fullmatch(figure)
    return found.group(1) if found else figure


def _parts(day: str) -> set[str]:
    year, month, number = day.split("-")
    return {day, year, month, number, month.lstrip("0"), number.lstrip("0")}


def _meanings(claim: str, figure: str) -> list[Quantity]:
    """What a term can be worth in each place of the claim where it stands."""
    found: list[Quantity] = []
    for place in _FIGURE.finditer(claim):
        if place.group().replace(",", "").rstrip(".") == figure.rstrip("."):
            around = claim[max(place.start() - 1, 0) : place.end() + AROUND]
            found += quantities(around)[:1]
    return found


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _ROUNDING * max(one, other)
