"""From pieces of recognised text, each with its place, to lines in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

MIN_COLUMN = 0.25
"""The least share of the text's width that the typical line of a column has. The prices of a receipt are narrower."""
MIN_LINES = 3
"""Lines that make a column."""
MAX_DEPTH = 6
TALL = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a line of text and its place in a picture, in pixels. ``line`` is the number of its line, if known."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    line: int = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """Pieces of text in the picture and by how many degrees, clockwise, the picture is turned from upright.

    ``ordered`` pieces are in reading order and carry their line; others are sorted by where they stand.
    ``confidence`` is the mean over all letters in per cent, as far as the engine says.
    """

    pieces: tuple[Piece, ...]
    turned: int = 0
    ordered: bool = False
    confidence: float = 0.0


Line = list[Piece]


def lay_out(pieces: Sequence[Piece], *, size: tuple[int, int], turned: int = 0, ordered: bool = False) -> list[Line]:
    """Lines in reading order. Every piece comes once, with the place it had."""
    if ordered:
        return [list(line) for _, line in groupby(pieces, key=lambda piece: piece.line)]
    places = [replace(upright(piece, size=size, turned=turned), line=index) for index, piece in enumerate(pieces)]
    across = [place for place in places if not _runs_down(place)]
    margins = [[place] for place in places if _runs_down(place)]
    return [[pieces[place.line] for place in line] for line in _read(across, MAX_DEPTH) + margins]


def _runs_down(piece: Piece) -> bool:
    """Text in the margin or beside an axis, turned against the rest."""
    return len(piece.text) > 3 and piece.bottom - piece.top > TALL * (piece.right - piece.left)


def upright(piece: Piece, *, size: tuple[int, int], turned: int) -> Piece:
    """Where the piece would stand if a picture turned clockwise by ``turned`` degrees were put upright."""
    across, down = size
    left, top, right, bottom = piece.left, piece.top, piece.right, piece.bottom
    if turned == 90:
        left, top, right, bottom = top, across - right, bottom, across - left
    elif turned == 180:
        left, top, right, bottom = across - right, down - bottom, across - left, down - top
    elif turned == 270:
        left, top, right, bottom = down - bottom, left, down - top, right
    return replace(piece, left=left, top=top, right=right, bottom=bottom)


def _read(pieces: Sequence[Piece], depth: int) -> list[Line]:
    """Rows from top to bottom; where text stands in columns, one column after the other."""
    rows = _rows(pieces)
    gutter = _gutter(pieces) if depth and len(rows) >= MIN_LINES else None
    if gutter is None:
        return rows
    lines: list[Line] = []
    for whole, run in groupby(rows, key=lambda row: any(piece.left < gutter < piece.right for piece in row)):
        block = [piece for row in run for piece in row]
        left, right = _sides(block, gutter)
        if whole or not left or not right:
            lines += _rows(block)
        else:
            lines += _read(left, depth - 1) + _read(right, depth - 1)
    return lines


def _rows(pieces: Sequence[Piece]) -> list[Line]:
    """Pieces that share more than half of the lower one's height with their row are one line."""
    rows: list[Line] = []
    for piece in sorted(pieces, key=lambda one: one.top + one.bottom):
        row = rows[-1] if rows else None
        if row is not None and _beside(row[-1], piece):
            row.append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _beside(one: Piece, other: Piece) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where two columns are told apart, None where there is one. Few lines may cross it: a heading does."""
    first, last = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    width = last - first
    best, score = None, 0.0
    for step in range(20, 81, 2):
        at = first + width * step / 100
        crossing = sum(piece.left < at < piece.right for piece in pieces)
        left, right = _sides(pieces, at)
        if crossing > 0.3 * len(pieces) or not (_is_column(left, width) and _is_column(right, width)):
            continue
        if (found := min(len(left), len(right)) - crossing) > score:
            best, score = at, found
    return best


def _sides(pieces: Sequence[Piece], at: float) -> tuple[list[Piece], list[Piece]]:
    left = [piece for piece in pieces if piece.right <= at]
    return left, [piece for piece in pieces if piece.left >= at]


def _is_column(pieces: Sequence[Piece], width: float) -> bool:
    if len(pieces) < MIN_LINES:
        return False
    widths = sorted(piece.right - piece.left for piece in pieces)
    return widths[len(widths) // 2] >= MIN_COLUMN * width
