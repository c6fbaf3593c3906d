"""Tables of figures on a PDF page, found by how words stand under each other: financial statements rule no lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ctypes import byref
from dataclasses import dataclass
from statistics import median
from typing import Any

from basicchat.adapters.load.cells import table_of
from basicchat.core.types import Cell, Table

MIN_ROWS = 3
"""Rows of figures that make a table."""
MAX_WORDS = 5_000
"""Words of a page on which tables are looked for."""
CELL_GAP = 0.75
"""A gap this wide, in heights of a line, parts two cells; words of one cell stand closer."""
SIGN_GAP = 25.0
"""How far a sign of currency may stand from its figure; both are set flush with the ends of a wide column."""
CLOSE_GAP = 2.0
"""How far a closing bracket or a sign of shares may stand from its figure."""
ROW_GAP = 3.5
"""Distance of two rows, in heights of a line, at which a table ends."""
MAX_LABELS = 3
"""Rows in succession that hold no figure: headings inside a table."""
MAX_HEAD = 8
MAX_NAME = 100

_FIGURE = re.compile(r"[-+(]*[$€£¥]?\s?[-+(]*\s?\d[\d,.]*\s?[)%x]*|[-\u2013\u2014]+\s?%?")
_LIKELY = re.compile(
    r"(?:[ (]\d[\d,.]*[)%]*|[ $][\u2013\u2014])(?: [$%()€£]+)*[ (]+[(\d\u2013\u2014][\d,.]*[)% ]*\r?$", re.MULTILINE
)
"""A line that ends with two figures."""
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_OPENS, _CLOSES = re.compile(r"[-(]*[$€£¥][-(]*|\("), re.compile(r"\)|\)?\s?%\)?")


@dataclass(frozen=True, slots=True)
class Span:
    """Words that stand together in a row, in points: ``left``, ``right``, ``bottom`` and the ``height`` of the line."""

    text: str
    left: float
    right: float
    bottom: float
    height: float

    @property
    def is_figure(self) -> bool:
        """Whether it is a number, a price, a share or the dash that stands for nothing."""
        return _FIGURE.fullmatch(self.text) is not None


Row = list[Span]


def tables_of(textpage: Any, raw: str, *, page: int) -> list[Table]:
    """The tables of figures on a page, from top to bottom, their figures as numbers; a column for what is in front.

    ``raw`` is the text that PDFium gives for the page. Most pages are told to have none by that alone.
    """
    if sum(1 for _ in _LIKELY.finditer(raw)) < MIN_ROWS:
        return []
    rows = _rows(list(_words(textpage, raw)))
    found: list[Table] = []
    for first, last in _runs(rows):
        place = f"table {len(found) + 1}"
        if table := _table(rows, first, last, page=page, place=place):
            found.append(table)
    return found


def _words(textpage: Any, raw: str) -> Iterator[Span]:
    from pypdfium2 import raw as pdfium

    box = pdfium.FS_RECTF()
    for number, match in enumerate(re.finditer(r"[^\s\ufffe]+", raw)):
        if number >= MAX_WORDS:
            return
        first = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, match.start())
        last = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, match.end() - 1)
        if first < 0 or last < 0 or not pdfium.FPDFText_GetLooseCharBox(textpage, first, byref(box)):
            continue
        left, bottom, height = box.left, box.bottom, box.top - box.bottom
        if height > 0 and pdfium.FPDFText_GetLooseCharBox(textpage, last, byref(box)) and box.right > left:
            yield Span(match.group(), left, box.right, bottom, height)


def _rows(words: Sequence[Span]) -> list[Row]:
    """Words at one height, from top to bottom, drawn together to cells."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda one: -(one.bottom + one.height / 2)):
        row = rows[-1] if rows else None
        if row and abs(_middle(row[-1]) - _middle(word)) < 0.4 * min(word.height, row[-1].height):
            row.append(word)
        else:
            rows.append([word])
    return [_cells(sorted(row, key=lambda one: one.left)) for row in rows]


def _middle(span: Span) -> float:
    return span.bottom + span.height / 2


def _cells(words: Sequence[Span]) -> Row:
    cells: Row = []
    for word in words:
        last = cells[-1] if cells else None
        if last is None or not _belong(last, word):
            cells.append(word)
            continue
        glue = "" if _OPENS.fullmatch(last.text) or _CLOSES.fullmatch(word.text) else " "
        right, height = max(last.right, word.right), max(last.height, word.height)
        cells[-1] = Span(last.text + glue + word.text, last.left, right, last.bottom, height)
    return cells


def _belong(last: Span, word: Span) -> bool:
    """Close enough to be one cell. A sign of currency belongs to the figure after it, wherever that stands."""
    gap = (word.left - last.right) / max(last.height, word.height)
    if _OPENS.fullmatch(last.text):
        return gap < SIGN_GAP
    if _CLOSES.fullmatch(word.text):
        return gap < CLOSE_GAP and (last.is_figure or gap < CELL_GAP / 2)
    return gap < CELL_GAP and not (last.is_figure and _OPENS.fullmatch(word.text))


def _figures(row: Row) -> Row:
    """The figures behind the words of a row."""
    start = next((at for at in range(len(row), 0, -1) if not row[at - 1].is_figure), 0)
    return row[start:]


def _is_head(row: Row) -> bool:
    """Years, at most behind something in brackets: what columns are called."""
    figures = _figures(row)
    label = row[: len(row) - len(figures)]
    years = bool(figures) and all(_YEAR.fullmatch(cell.text) for cell in figures)
    return years and (not label or label[0].text.startswith("("))


def _runs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """First and last row of figures of each table."""
    first = last = count = 0
    for at, row in enumerate(rows):
        figures = 0 if _is_head(row) else len(_figures(row))
        if count and not (at - last <= MAX_LABELS + 1 and _goes_on(rows[at - 1], row, rows[last], figures)):
            if count >= MIN_ROWS:
                yield first, last
            count = 0
        if figures >= 2 or (figures and count):
            first, last, count = (first if count else at), at, count + 1
    if count >= MIN_ROWS:
        yield first, last


def _goes_on(above: Row, row: Row, last: Row, figures: int) -> bool:
    """Whether ``row`` belongs to the table whose last figures are in ``last``: figures, or words in front of them."""
    if not _near(above, row):
        return False
    return figures > 0 or (not _is_head(row) and max(cell.right for cell in row) < _figures(last)[0].right)


def _near(above: Row, row: Row) -> bool:
    return above[0].bottom - row[0].bottom < ROW_GAP * max(above[0].height, row[0].height)


def _table(rows: Sequence[Row], first: int, last: int, *, page: int, place: str) -> Table | None:
    body = rows[first : last + 1]
    columns = _columns([cell for row in body for cell in _figures(row)])
    if not 2 <= len(columns) <= 40:
        return None
    top = _head_start(rows, first, columns)
    lines = [_line(row, columns) for row in body]
    if sum(sum(cell != "" for cell in line[1:]) for line in lines) < len(lines) + MIN_ROWS:
        return None
    head = [_name(rows[top:first], column) for column in columns]
    shares = [_all_shares([line[at] for line in lines]) for at in range(1, len(columns) + 1)]
    named = ["item", *(f"{name} %".strip() if share else name for name, share in zip(head, shares, strict=True))]
    filled = [[line[0] or None, *map(_value, line[1:], shares)] for line in lines]
    title = " ".join(cell.text for cell in rows[top - 1]) if top else ""
    name = title if 3 < len(title) <= MAX_NAME else f"page {page}, {place}"
    return table_of([named, *filled], name=name, page=page, place=place, header=True)


def _columns(figures: Sequence[Span]) -> list[tuple[float, float]]:
    """Left and right end of each column. Figures stand under each other by their right ends, give or take a bracket."""
    if not figures:
        return []
    near = median(cell.height for cell in figures)
    groups: list[list[Span]] = []
    for cell in sorted(figures, key=lambda one: one.right):
        if groups and cell.right - groups[-1][-1].right < near:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return [(min(cell.left for cell in group), max(cell.right for cell in group)) for group in groups if len(group) > 1]


def _head_start(rows: Sequence[Row], first: int, columns: Sequence[tuple[float, float]]) -> int:
    """Where the names of the columns begin: rows above the figures of which some part stands over a column."""
    top = at = first
    while at and first - at < MAX_HEAD and _near(rows[at - 1], rows[at]):
        at -= 1
        if any(_is_sentence(cell, columns) for cell in rows[at]):
            break
        if any(cell.right > columns[0][0] for cell in rows[at]):
            top = at
        elif top < first:
            break
    return top


def _is_sentence(cell: Span, columns: Sequence[tuple[float, float]]) -> bool:
    """It begins in front of the columns and reaches over them."""
    return cell.left < columns[0][0] - 2 * cell.height and cell.right > columns[0][1]


def _name(head: Sequence[Row], column: tuple[float, float]) -> str:
    left, right = column
    over = (cell.text for row in head for cell in row if cell.left < right and cell.right > left)
    return " ".join(over)


def _line(row: Row, columns: Sequence[tuple[float, float]]) -> list[str]:
    """The words in front, then what stands in each column."""
    figures = _figures(row)
    line = [" ".join(cell.text for cell in row[: len(row) - len(figures)]), *[""] * len(columns)]
    for cell in figures:
        at = min(range(len(columns)), key=lambda index: abs(columns[index][1] - cell.right))
        line[at + 1] = f"{line[at + 1]} {cell.text}".strip()
    return line


def _all_shares(texts: Sequence[str]) -> bool:
    figures = [text for text in texts if any(letter.isdigit() for letter in text)]
    return bool(figures) and all("%" in text for text in figures)


def _value(text: str, share: bool) -> Cell:
    """``(1,234)`` is -1234, a dash is nothing; shares stay text unless the whole column is one of shares."""
    bare = text.strip("$€£¥()+-\u2013\u2014 " + ("%" if share else ""))
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare):
        return text
    number = float(bare.replace(",", "")) if "." in bare else int(bare.replace(",", ""))
    return -number if text.lstrip("$€£¥ ").startswith(("(", "-", "\u2013")) else number
