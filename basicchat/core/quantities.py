"""Numbers and dates in running text, by what they are worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "mm": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12,
}  # fmt: skip
_NUMBER = re.compile(
    # Not the 2 of Q2, the 10 of 10-K, or the 2024 of FY2024.
    r"(?<![A-Za-z\d.,])(?P<number>\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s*(?P<percent>%|percent\b|per cent\b|percentage points?\b)"
    r"|\s*(?P<scale>thousand|millions?|mn|mm|billions?|bn|trillions?)\b|(?P<short>[kKmMbB])\b)?(?!-?[A-Za-z]|\d)",
    re.IGNORECASE,
)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(f'{month[:3]}(?:{month[3:]})?' if month[3:] else month for month in _MONTHS)})\.?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)
_GUESSED_SCALES = (1.0, 1e3, 1e6, 1e9)
ROUNDING = 1e-9  # of floats


@dataclass(frozen=True)
class Quantity:
    """A number in a text. ``value`` is without sign and before ``scale``, which is None where no word states one.

    ``step`` is the unit of its last digit: 0.1 of 2.8.
    """

    value: float
    scale: float | None = None
    percent: bool = False
    year: bool = False
    step: float = 1.0

    @property
    def scales(self) -> tuple[float, ...]:
        """What it may have to be multiplied by: a percentage is a fraction or its figure, a bare number from 1 on
        may be in thousands, millions or billions, as the head of a table says.
        """
        if self.percent:
            return (0.01, 1.0)
        if self.scale is not None:
            return (self.scale,)
        return _GUESSED_SCALES if self.value >= 1 else (1.0,)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Every number of a text in order, but those in dates and in names such as FY2024, Q2 and 10-K."""
    for pattern in _DATES:
        text = pattern.sub(" ", text)
    return tuple(_quantities(text))


def _quantities(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        written = match["number"]
        value = float(re.sub("[,\u202f\u00a0]", "", written))
        word = (match["scale"] or match["short"] or "").lower()
        scale = _SCALES[word.removesuffix("s")] if word else None
        plain = written.isdigit() and len(written) == 4 and not word and not match["percent"]
        money = text[: match.start()].rstrip().endswith(("$", "€", "£", "¥"))
        year = plain and not money and 1900 <= value <= 2100
        yield Quantity(value, scale, bool(match["percent"]), year, 10.0 ** -len(written.partition(".")[2]))


def agree(gold: Quantity, given: Quantity, *, tolerance: float) -> bool:
    """Whether a number can be worth what gold is: up to a relative ``tolerance``, or rounded to gold's last digit."""
    return any(
        abs(gold.value * ours - given.value * theirs)
        <= max(tolerance * gold.value, gold.step / 2) * ours * (1 + ROUNDING)
        for ours in gold.scales
        for theirs in given.scales
    )


def dates(text: str) -> frozenset[date]:
    """Whole dates of a text: 2023-05-07, 7 May 2023, May 7th, 2023. What is no day of the calendar is left out."""
    return frozenset(day for _, _, day in date_places(text))


def date_places(text: str) -> Iterator[tuple[int, int, date]]:
    """The whole dates of a text with the places where they are written, in order."""
    matches = sorted((match for pattern in _DATES for match in pattern.finditer(text)), key=lambda match: match.start())
    for match in matches:
        named = match.groupdict()
        month = named.get("number") or [name[:3] for name in _MONTHS].index(named["month"].lower()[:3]) + 1
        try:
            yield match.start(), match.end(), date(int(named["year"]), int(month), int(named["day"]))
        except ValueError:
            continue
