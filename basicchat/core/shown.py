"""Tables and charts that a tool shows, and an answer keeps: data and how it is drawn, never code or an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from basicchat.core.documents import Cell

Mark = Literal["bar", "line", "area", "point", "arc"]
"""What stands for a value: an ``arc`` is a slice of a pie."""

Scale = Literal["quantitative", "temporal", "ordinal", "nominal"]
"""Numbers, moments (ISO 8601), things in an order, things in none: the words of Vega-Lite."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; ``query`` is what it was asked with, to be shown beside it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A column that is drawn, and on which kind of scale. ``title`` stands beside it, empty for the column's name."""

    column: str
    scale: Scale
    title: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot of a small table. ``colour`` tells series apart; None draws one."""

    mark: Mark
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    x: Channel
    y: Channel
    colour: Channel | None = None
    title: str = ""


Exhibit = Chart | Rows
"""What is shown beside an answer. A chart comes first, so that JSON of one is never read as a table."""
