"""Tables on a sheet: blocks of filled cells, their titles, heads and rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

from basicchat.adapters.load.cells import column_names, is_header, merge_heads, shown, table_of
from basicchat.core.types import Table

Grid = list[list[object]]
"""Rows of cell values from A1 on, empty cells None or an empty text."""

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged area as (row, column) from 0."""

ROWS_TOGETHER = 600
"""Characters of rows that share one range of cells as their place."""

MAX_MERGED = 1_000_000
"""Cells of one merged area that are filled."""


@dataclass(frozen=True)
class Row:
    """A row of a block and its number on the sheet, from 0."""

    number: int
    cells: Sequence[object]

    @property
    def words(self) -> list[str]:
        """The cells as people see them."""
        return [shown(cell) for cell in self.cells]


@dataclass
class Block:
    """Filled cells that hang together. ``titles`` stand above the table, ``head`` names its columns if it has names."""

    left: int
    rows: list[Row]
    titles: list[str] = field(default_factory=list)
    head: list[str] | None = None

    @property
    def width(self) -> int:
        """How many columns."""
        return max((len(row.cells) for row in self.rows), default=0)

    def range_of(self, first: Row, last: Row) -> str:
        """The cells from one row to another: ``A2:F9``."""
        right = self.left + max(self.width, 1) - 1
        return f"{column_letters(self.left)}{first.number + 1}:{column_letters(right)}{last.number + 1}"


def column_letters(index: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def fill_merged(grid: Grid, ranges: Sequence[Range]) -> set[tuple[int, int]]:
    """Write the value of each merged area into all of its cells. Returns the cells that got a number this way."""
    copies = set()
    for (top, left), (bottom, right) in ranges:
        if top >= len(grid) or left >= len(grid[top]) or (bottom - top + 1) * (right - left + 1) > MAX_MERGED:
            continue
        value = grid[top][left]
        area = product(range(top, min(bottom + 1, len(grid))), range(left, right + 1))
        cells = [(row, column) for row, column in area if (row, column) != (top, left) and column < len(grid[row])]
        for row, column in cells:
            grid[row][column] = value
        if isinstance(value, int | float):
            copies.update(cells)
    return copies


def blocks_of(grid: Grid) -> list[Block]:
    """Blocks in reading order, titles and heads found, a table that goes on after an empty row put together."""
    blocks: list[Block] = []
    for block in _cut(0, [Row(number, cells) for number, cells in enumerate(grid)]):
        if blocks and _goes_on(blocks[-1], block):
            blocks[-1].rows.extend(_shifted(block, blocks[-1]).rows)
        else:
            blocks.append(_titled(block))
    return blocks


def _cut(left: int, rows: Sequence[Row]) -> Iterator[Block]:
    bands = list(_bands(rows))
    for band in bands:
        groups = list(_groups(band))
        for first, last in groups:
            part = [Row(row.number, row.cells[first:last]) for row in band]
            if len(groups) == 1:
                yield Block(left + first, part)
            else:
                yield from _cut(left + first, part)


def _bands(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows between empty ones."""
    band: list[Row] = []
    for row in rows:
        if any(_filled(cell) for cell in row.cells):
            band.append(row)
        elif band:
            yield band
            band = []
    if band:
        yield band


def _groups(band: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Columns between empty ones, half-open."""
    used = {column for row in band for column, cell in enumerate(row.cells) if _filled(cell)}
    start = None
    for column in range(max(used, default=-1) + 2):
        if column in used:
            start = column if start is None else start
        elif start is not None:
            yield start, column
            start = None


def _filled(cell: object) -> bool:
    return cell is not None and cell != ""


def _goes_on(above: Block, below: Block) -> bool:
    """A block just under a table with named columns, without names of its own, is more of that table."""
    gap = below.rows[0].number - above.rows[-1].number if above.rows else 0
    inside = above.left <= below.left and below.left + below.width <= above.left + above.width
    several = sum(bool(word) for word in below.rows[0].words) > 1
    return bool(above.head) and gap == 2 and inside and several and not is_header(below.rows[0].cells)


def _shifted(block: Block, above: Block) -> Block:
    indent: list[object] = [None] * (block.left - above.left)
    return Block(above.left, [Row(row.number, [*indent, *row.cells]) for row in block.rows])


def _titled(block: Block) -> Block:
    rows = list(block.rows)
    titles = []
    while rows and (len(rows) > 1 or block.width == 1) and (title := _title(rows[0], block.width)):
        titles.append(title)
        rows.pop(0)
        if block.width == 1:
            break
    if block.width == 1 and titles and rows:  # a column of words has no title
        return Block(block.left, block.rows, head=titles if is_header(block.rows[0].cells) else None)
    head = None
    if len(rows) > 2 and _spans(rows[0].words) and is_header(rows[1].cells):
        head = merge_heads(rows[0].words, rows[1].words)
        rows = rows[2:]
    elif len(rows) > 1 and is_header(rows[0].cells):
        head = rows[0].words
        rows = rows[1:]
    return Block(block.left, rows, titles, list(column_names(head, block.width)) if head else None)


def _title(row: Row, width: int) -> str:
    """The one text of a row that has no other, empty where it has."""
    words = [word for word in row.words if word]
    one = len(words) == 1 or (len(words) == width and len(set(words)) == 1)
    return words[0] if one and not isinstance(next(filter(_filled, row.cells)), int | float) else ""


def _spans(words: Sequence[str]) -> bool:
    """Whether a name stands over several neighbouring columns."""
    return any(left and left == right for left, right in pairwise(words))


def table_from(block: Block, copies: set[tuple[int, int]], *, name: str, page: int) -> Table | None:
    """A block as a table to be asked. Numbers of merged cells count once, in their first cell."""
    if not block.rows:
        return None
    rows = [
        [None if (row.number, block.left + at) in copies else cell for at, cell in enumerate(row.cells)]
        for row in block.rows
    ]
    place = block.range_of(block.rows[0], block.rows[-1])
    whole: list[Sequence[object]] = [block.head, *rows] if block.head else list(rows)
    return table_of(whole, name=name, page=page, place=place, header=bool(block.head))
