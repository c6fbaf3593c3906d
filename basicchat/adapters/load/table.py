"""Tables in text form (CSV, TSV and the like)."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page

DELIMITERS = ",;\t|"
SAMPLE_LINES = 50
MAX_CELL = 1 << 20
"""Characters of one cell; a missing quote would otherwise swallow the rest of the file."""

_NUMBER = re.compile(r"^[\s$€£%+(-]*\d[\d\s.,:/%)€-]*$")


class TableLoader:
    """Reads CSV. Every row is written as ``column: value`` lines, so that a row can be understood alone."""

    media_types = frozenset({"text/csv"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document of one page. Raises `UnreadableDocument`."""
        text = read_text(path)
        warnings: list[str] = []
        rendered = "\n\n".join(render_rows(read_rows(text), warnings))
        if not rendered:
            raise UnreadableDocument("The table holds no rows.")
        title = Path(name or path.name).stem
        yield LoadedDocument(title, (Page(1, rendered),), "text/csv", warnings=tuple(warnings))


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
