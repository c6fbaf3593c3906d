"""Cells as people see them, tables as Markdown, and tables that can be asked in SQL later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count

from basicchat.core.types import Cell, Table

NUMBER = re.compile(r"^[\s$€£¥%+(-]*\d[\d\s.,:/%)€$£¥-]*$")
"""A cell that is a number, a price, a share, a date or a time."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Whole numbers between these at the head of a column are years, which name a column."""

MAX_NAME = 120
"""Characters of a column's name; a longer one is a sentence that stands above the table."""


def shown(value: object) -> str:
    """A value as a spreadsheet shows it: no trailing zeros, dates by ISO 8601, one line."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return " ".join(str(value).split())


def cell_of(value: object) -> Cell:
    """A value as a table keeps it; dates and times become text by ISO 8601."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return shown(value) or None


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first row is the head; rows are filled up to the widest. Empty for no rows."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    lines = [_line([*row, *[""] * (width - len(row))]) for row in rows]
    return "\n".join([lines[0], _line(["---"] * width), *lines[1:]])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def is_header(row: Sequence[object]) -> bool:
    """A first row names the columns if its names differ and none is a number other than a year."""
    names = [shown(cell) for cell in row if shown(cell)]
    if not names or len(set(names)) != len(names) or any(len(name) > MAX_NAME for name in names):
        return False
    years = sum(_is_year(name) for name in names)
    return years < len(row) and all(_is_year(name) or not NUMBER.match(name) for name in names)


def _is_year(name: str) -> bool:
    return name.isdecimal() and len(name) == 4 and FIRST_YEAR <= int(name) <= LAST_YEAR


def column_names(row: Sequence[object], width: int) -> tuple[str, ...]:
    """A name for each of ``width`` columns, each once: that of the cell, else ``column 3``."""
    names: list[str] = []
    for number in range(1, width + 1):
        wanted = shown(row[number - 1])[:MAX_NAME] if number <= len(row) else ""
        wanted = wanted or f"column {number}"
        taken = {name.casefold() for name in names}
        more = (f"{wanted} {again}" for again in count(2))
        names.append(wanted if wanted.casefold() not in taken else next(n for n in more if n.casefold() not in taken))
    return tuple(names)


def table_of(
    rows: Sequence[Sequence[object]], *, name: str, page: int = 1, place: str = "", header: bool | None = None
) -> Table | None:
    """A table to be asked, None for what has no two rows or columns. The first row names the columns if it can."""
    width = max((len(row) for row in rows), default=0)
    headed = bool(rows) and (is_header(rows[0]) if header is None else header)
    body = rows[1:] if headed else rows
    if width < 2 or not body or len(rows) < 2:
        return None
    columns = column_names(rows[0] if headed else (), width)
    cells = tuple(tuple(cell_of(row[at]) if at < len(row) else None for at in range(width)) for row in body)
    return Table(name, columns, cells, page, place)


def merge_heads(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The names of columns under a head of two rows, the upper of which spans several columns."""
    return [
        f"{above} {below}" if above != below and above and below else above or below
        for above, below in zip(first, second, strict=True)
    ]
