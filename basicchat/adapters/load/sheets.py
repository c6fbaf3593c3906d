"""Spreadsheets (XLSX, XLSM, XLSB, XLS, ODS): every sheet a page, every table on it ready to be asked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from basicchat.adapters.load.grid import ROWS_TOGETHER, Block, blocks_of, column_index, fill_merged, table_from
from basicchat.adapters.load.package import DAMAGED, OLE, UNLOCK, Package, check_archive, unlocked
from basicchat.adapters.load.parts import pages_of
from basicchat.adapters.load.sheet_extras import Extras, read_extras
from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Anchor, Heading, LoadedDocument, Page, Progress, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
WHAT = "spreadsheet"
MAX_XML_BYTES = 512 * 2**20
"""XML of a workbook when unpacked: about ten million cells."""
MAX_CELLS = 40_000_000
"""Cells of a sheet from its first to its last, empty ones included: a million rows of forty columns."""
HEAD_BYTES = 8192
"""Bytes in which a sheet says how far it reaches."""

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s+ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")


class SheetLoader:
    """Reads spreadsheets. Every row is written as ``column: value`` lines, so that a row can be understood alone."""

    media_types = frozenset({XLSX, XLS, ODS})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a page a sheet or several of a long one.

        Formulas count as their last result. Raises `UnreadableDocument` or `PasswordRequired`.
        """
        pages: list[Page] = []
        tables: list[Table] = []
        with _opened(path, password=password) as (book, kind, extras, title):
            metadata = book.sheets_metadata
            for number, sheet in enumerate(metadata):
                tell(Progress("reading", number, len(metadata), "sheets"))
                more = extras.get(sheet.name, Extras())
                read = _read_sheet(book, number, hidden=not str(sheet.visible).endswith(".Visible"), extras=more)
                tables += read.tables_from(len(pages))
                pages += [replace(page, number=len(pages) + at) for at, page in enumerate(read.pages, start=1)]
        if not pages:
            raise UnreadableDocument("The spreadsheet holds no filled cells.")
        shown = title or Path(name or path.name).stem
        yield LoadedDocument(shown, tuple(pages), kind, tables=tuple(tables))


@contextmanager
def _opened(path: Path, *, password: str) -> Iterator[tuple[Any, str, dict[str, Extras], str]]:
    """The workbook, its kind, what calamine does not read, and its title."""
    import python_calamine

    try:
        with unlocked(path, what=WHAT, password=password) as file:
            kind, extras, title = XLS, dict[str, Extras](), ""
            if not file.read(len(OLE)).startswith(OLE):
                kind, extras, title = _inside(file)
            file.seek(0)
            with python_calamine.load_workbook(file) as book:
                yield book, kind, extras, title
    except BasicChatError:
        raise
    except python_calamine.PasswordError as error:
        raise PasswordRequired("The spreadsheet is locked with a password.", hint=UNLOCK) from error
    except (python_calamine.CalamineError, *DAMAGED) as error:
        raise UnreadableDocument("The spreadsheet is damaged.") from error


def _inside(file: BinaryIO) -> tuple[str, dict[str, Extras], str]:
    with zipfile.ZipFile(file) as archive:
        check_archive(archive, what=WHAT, xml_limit=MAX_XML_BYTES)
        package = Package(archive)
        if "content.xml" in package.names:
            return ODS, {}, ""
        for name in package.names:
            if _SHEET.match(name):
                with archive.open(name) as sheet:
                    _check_extent(sheet.read(HEAD_BYTES))
        return XLSX, read_extras(package), package.title()


def _check_extent(head: bytes) -> None:
    """Refuse a sheet with a stray cell at its far end: its reader makes room for every cell between."""
    found = _DIMENSION.search(head)
    if found is None:
        return
    left, top, right, bottom = (part.decode("ascii") for part in found.groups())
    if (column_index(right) - column_index(left) + 1) * (int(bottom) - int(top) + 1) > MAX_CELLS:
        raise UnreadableDocument(
            "A sheet spans more cells than can be read.",
            hint="Delete what stands alone in its last rows and columns, save it and add that copy.",
        )


class _Sheet:
    """A sheet as it is written: text, where its rows come from, and tables by their offset in the text."""

    def __init__(self, name: str, label: str) -> None:
        self.name, self.label = name, label
        self.anchors: list[Anchor] = []
        self.tables: list[tuple[int, Table]] = []
        self._parts = [f"# {name}"]
        self._length = len(self._parts[0])

    @property
    def empty(self) -> bool:
        return len(self._parts) == 1

    def write(self, text: str) -> int:
        """Append a block. Returns where it begins."""
        start = self._length + 2
        self._parts.append(text)
        self._length = start + len(text)
        return start

    @property
    def pages(self) -> tuple[Page, ...]:
        if self.empty:
            return ()
        text, headings = "\n\n".join(self._parts), (Heading(1, self.name, 0),)
        pages = pages_of(text, headings, anchors=self.anchors, label=f"{self.label}, part")
        return (replace(pages[0], label=self.label),) if len(pages) == 1 else pages

    def tables_from(self, before: int) -> list[Table]:
        """The tables with their page numbers, ``before`` pages being other sheets'."""
        marks = [Anchor(start, str(at)) for at, (start, _) in enumerate(self.tables)]
        on: dict[str, int] = {}
        for page in pages_of("\n\n".join(self._parts), anchors=marks) if marks else ():
            for anchor in page.anchors:
                on.setdefault(anchor.name, page.number)
        return [replace(table, page=before + on.get(str(at), 1)) for at, (_, table) in enumerate(self.tables)]


def _read_sheet(book: Any, number: int, *, hidden: bool, extras: Extras) -> _Sheet:
    metadata = book.sheets_metadata[number]
    label = metadata.name if metadata.name.lower().startswith("sheet") else f"Sheet {metadata.name}"
    read = _Sheet(" ".join(metadata.name.split()) or "Sheet", f"{label} (hidden)" if hidden else label)
    if str(metadata.typ).endswith("WorkSheet"):
        sheet = book.get_sheet_by_index(number)
        grid = sheet.to_python(skip_empty_area=False)
        copies = fill_merged(grid, sheet.merged_cell_ranges or ())
        title = ""
        for block in blocks_of(grid):
            for title in block.titles:
                read.write(title)
            start = _write_rows(read, block)
            table = table_from(block, copies, name=title or read.name, page=1)
            if table is not None:
                read.tables.append((start, table))
                title = ""
    for text in extras.texts:
        read.write(text)
    return read


def _write_rows(read: _Sheet, block: Block) -> int:
    """The rows of a block, a range of cells as the place of every few of them."""
    start = read.write("Columns: " + ", ".join(block.head)) if block.head else -1
    first, room = None, 0
    for row in block.rows:
        text = _row_text(block, row.words)
        if not text:
            continue
        at = read.write(text)
        start = at if start < 0 else start
        if first is None or room + len(text) > ROWS_TOGETHER:
            first, room = row, 0
            read.anchors.append(Anchor(at, ""))
        room += len(text)
        read.anchors[-1] = Anchor(read.anchors[-1].start, block.range_of(first, row))
    return max(start, 0)


def _row_text(block: Block, words: list[str]) -> str:
    if block.head is None:
        return " | ".join(word for word in words if word)
    return "\n".join(f"{column}: {word}" for column, word in zip(block.head, words, strict=False) if word)
