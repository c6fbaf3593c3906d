"""A document put together from blocks: headings, paragraphs and tables, each where it stands."""

from __future__ import annotations

from basicchat.adapters.load.cells import is_header, markdown_table, table_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.types import Anchor, Heading, Page, Table

MAX_LEVEL = 6

Rows = list[list[str]]
"""The cells of a table as text."""


class Composer:
    """Collects blocks of Markdown in reading order and gives them out as pages."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._tables: list[tuple[int, Table]] = []
        self._in_list = False

    @property
    def empty(self) -> bool:
        """Whether nothing has been written."""
        return not self._blocks

    @property
    def first_heading(self) -> str:
        """The heading that the text begins with, empty if it begins otherwise."""
        return self._headings[0].text if self._headings and self._headings[0].start == 0 else ""

    def heading(self, level: int, text: str) -> None:
        """A heading of one line."""
        words = " ".join(text.split())
        if words:
            level = min(max(level, 1), MAX_LEVEL)
            start = self._append(f"{'#' * level} {words}", "\n\n")
            self._headings.append(Heading(level, words, start))

    def paragraph(self, text: str) -> None:
        """A paragraph, its own line breaks kept."""
        if text.strip():
            self._append(text.strip(), "\n\n")

    def item(self, text: str, *, depth: int = 0, mark: str = "-") -> None:
        """An item of a list; items that follow one another stand close together."""
        if text.strip():
            close = self._in_list
            indent = "  " * min(depth, 8)
            self._append(f"{indent}{mark} {text.strip()}", "\n" if close else "\n\n")
            self._in_list = True

    def table(self, rows: Rows, *, name: str = "", headed: bool | None = None) -> None:
        """A table, written as Markdown and kept to be asked."""
        rows = [row for row in rows if any(cell.strip() for cell in row)]
        text = markdown_table(rows)
        if not text:
            return
        start = self._append(text, "\n\n")
        number = len(self._tables) + 1
        head = is_header(rows[0]) if headed is None else headed
        kept = table_of(rows, name=name or f"table {number}", place=f"table {number}", header=head)
        if kept is not None:
            self._tables.append((start, kept))

    def text(self) -> str:
        """Everything so far."""
        return "".join(self._blocks)

    def page(self, number: int, *, label: str = "") -> Page:
        """Everything on one page."""
        return Page(number, self.text(), tuple(self._headings), label=label)

    def pages(self) -> tuple[Page, ...]:
        """Everything, long texts in parts."""
        return pages_of(self.text(), self._headings)

    def tables(self, *, page: int = 1) -> tuple[Table, ...]:
        """The tables, all of them on ``page``."""
        return tuple(Table(each.name, each.columns, each.rows, page, each.place) for _, each in self._tables)

    def document(self) -> tuple[tuple[Page, ...], tuple[Table, ...]]:
        """Pages and tables, each table on the page on which it begins."""
        marks = [Anchor(start, str(number)) for number, (start, _) in enumerate(self._tables)]
        on: dict[int, int] = {}
        for page in pages_of(self.text(), self._headings, anchors=marks):
            for anchor in page.anchors:
                on.setdefault(int(anchor.name), page.number)
        placed = (
            Table(each.name, each.columns, each.rows, on.get(number, 1), each.place)
            for number, (_, each) in enumerate(self._tables)
        )
        return self.pages(), tuple(placed)

    def _append(self, text: str, gap: str) -> int:
        between = gap if self._blocks else ""
        self._blocks.append(between + text)
        start = self._length + len(between)
        self._length += len(between) + len(text)
        self._in_list = False
        return start


class CellComposer(Composer):
    """Blocks inside a cell of a table, to be joined to one line: a table within it becomes lines of words."""

    def table(self, rows: Rows, *, name: str = "", headed: bool | None = None) -> None:
        """A table as ``A, B; 1, 2``."""
        self.paragraph("; ".join(", ".join(cell for cell in row if cell.strip()) for row in rows))

    def line(self) -> str:
        """Everything on one line."""
        return " ".join(self.text().split())
