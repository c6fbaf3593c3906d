"""Tables in text form (CSV, TSV and the like)."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from basicchat.adapters.load.cells import table_of
from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Anchor, LoadedDocument

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
MAX_CELL = 1 << 20
"""Characters of one cell; a missing quote would otherwise swallow the rest of the file."""

ROWS_TOGETHER = 600
"""Characters of rows that share a place."""

_NUMBER = re.compile(r"^[\s$€£%+(-]*\d[\d\s.,:/%)€-]*$")


class TableLoader:
    """Reads CSV. Every row is written as ``column: value`` lines, so that a row can be understood alone."""

    media_types = frozenset({"text/csv"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, its rows as places (``rows 2-41``) and as a table. Raises `UnreadableDocument`."""
        title = Path(name or path.name).stem
        warnings: list[str] = []
        rows = list(read_rows(read_text(path)))
        text, anchors = _written(rows, warnings)
        if not text:
            raise UnreadableDocument("The table holds no rows.")
        table = table_of(rows, name=title, header=bool(rows) and _is_header(rows[0]))
        yield LoadedDocument(
            title,
            pages_of(text, anchors=anchors, label="Part"),
            "text/csv",
            warnings=tuple(warnings),
            tables=() if table is None else (table,),
        )


def _written(rows: Sequence[list[str]], warnings: list[str]) -> tuple[str, list[Anchor]]:
    """Every row and the places of every few of them; rows count as a person counts them, the head being row 1."""
    parts: list[str] = []
    anchors: list[Anchor] = []
    length = room = 0
    first = 2 if rows and _is_header(rows[0]) and len(rows) > 1 else 1
    for number, part in enumerate(render_rows(iter(rows), warnings), start=first):
        start = length + 2 if parts else 0
        if not anchors or room + len(part) > ROWS_TOGETHER:
            anchors.append(Anchor(start, ""))
            first, room = number, 0
        anchors[-1] = Anchor(anchors[-1].start, f"row {number}" if first == number else f"rows {first}-{number}")
        parts.append(part)
        length, room = start + len(part), room + len(part)
    return "\n\n".join(parts), anchors


def read_rows(text: str) -> Iterator[list[str]]:
    """Rows of a table that hold anything, cells stripped. Raises `UnreadableDocument`."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), skipinitialspace=True)
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                yield cells
    except csv.Error as error:
        raise UnreadableDocument(f"The table cannot be read at line {reader.line_num}: {error}.") from error


def delimiter_of(text: str) -> str:
    """The separator that cuts the first lines into the same number (above one) of cells most often."""
    lines = [line for line in itertools.islice(io.StringIO(text), SAMPLE_LINES) if line.strip()]

    def agreement(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:
            return 0.0, 0
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, usual)

    return max(DELIMITERS, key=agreement)


def render_rows(rows: Iterator[list[str]], warnings: list[str]) -> Iterator[str]:
    """Each row as lines of ``column: value``, empty cells left out. Uneven rows are told once in ``warnings``."""
    first = next(rows, None)
    if first is None:
        return
    header = first if _is_header(first) else [f"column {number}" for number in range(1, len(first) + 1)]
    body = rows if header is first else itertools.chain([first], rows)
    uneven, empty = 0, True
    for row in body:
        empty = False
        uneven += len(row) != len(header)
        yield "\n".join(f"{column}: {cell}" for column, cell in _cells(header, row) if cell)
    if empty:
        yield ", ".join(cell for cell in first if cell)
    if uneven:
        warnings.append(f"{uneven} rows have more or fewer cells than the first row.")


def _cells(header: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, cell in enumerate(row, start=1):
        column = header[number - 1] if number <= len(header) else ""
        yield column or f"column {number}", cell


def _is_header(row: Sequence[str]) -> bool:
    """A first row names the columns if its names differ and none is a number."""
    names = [cell for cell in row if cell]
    return len(set(names)) == len(names) and not any(_NUMBER.match(name) for name in names)
