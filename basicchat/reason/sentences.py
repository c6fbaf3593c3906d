"""Cutting a passage into quotable pieces, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

LONGEST = 400  # characters; a longer piece is cut at a clause
SHORTEST = 12  # letters and digits; less is no quotation

_LINE = re.compile(r"[^\n]*\n?")
_NUMBER = re.compile(r"[$€£(]*\d[\d,.]*%?\)?")
_BULLET = re.compile(r"\s*(?:[-*•▪◦–|]|\d{1,2}[.)]|#{1,6})\s")  # noqa: RUF001
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9])")  # noqa: RUF001
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Inc|Corp|Co|Ltd|No|Nos|Fig|Eq|Sec|Art|vs|cf|e\.g|i\.e|approx|al|Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z])\.$"
)
_CLAUSE = re.compile(r"[;:,]\s")


@dataclass(frozen=True)
class Sentence:
    """A piece of a text: ``text[start:end]``, without white space at its ends."""

    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Sentences of running text and single rows of tables, in order.

    A line with at least two numbers that make up much of it is a row of its own, as in financial statements, and so
    is an item of a list; other lines are wrapped text and are joined until a sentence ends or a blank line comes.
    """
    pieces = []
    for start, end in _blocks(text):
        for first, last in _split(text, start, end):
            piece = _trimmed(text, first, last)
            if sum(letter.isalnum() for letter in text[piece.start : piece.end]) >= SHORTEST:
                pieces.append(piece)
    return pieces


def split(text: str) -> list[str]:
    """The sentences of one line, all of it, however short they are."""
    return [text[place.start : place.end] for place in split_places(text)]


def split_places(text: str) -> list[Sentence]:
    """Where the sentences of one line stand, without white space at their ends."""
    borders = [0, *_ends(text, 0, len(text)), len(text)]
    places = (_trimmed(text, start, end) for start, end in pairwise(borders))
    return [place for place in places if place.start < place.end]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of wrapped lines, and rows by themselves."""
    start = None
    for found in _LINE.finditer(text):
        line = found.group()
        alone = not line.strip() or _is_row(line)
        if start is not None and (alone or _BULLET.match(line)):
            yield start, found.start()
            start = None
        if alone and line.strip():
            yield found.start(), found.end()
        elif not alone and start is None:
            start = found.start()
    if start is not None:
        yield start, len(text)


def _is_row(line: str) -> bool:
    """At least two numbers, and they make up a third of the words or more; or cells between bars."""
    words = line.split()
    figures = sum(bool(_NUMBER.fullmatch(word)) for word in words)
    return (figures >= 2 and figures * 3 >= len(words)) or line.count("|") >= 2


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for border in _ends(text, start, end):
        yield from _clauses(text, start, border)
        start = border
    yield from _clauses(text, start, end)


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences end, without the last one."""
    for found in _END.finditer(text, start, end):
        if not _ABBREVIATION.search(text, max(start, found.end() - 8), found.end()):
            yield found.end()


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST:
        borders = [found.end() for found in _CLAUSE.finditer(text, start + LONGEST // 2, start + LONGEST)]
        blank = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        border = borders[-1] if borders else blank + 1 if blank > 0 else start + LONGEST
        yield start, border
        start = border
    yield start, end


def _trimmed(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    return Sentence(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip()))
