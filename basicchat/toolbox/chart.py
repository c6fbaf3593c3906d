"""From a chart as code describes it to a `Chart`: a strict part of Vega-Lite, or a short form of our own.

Nothing is passed on as it came: every word is one that is known here, so a description can name no address, run no
expression and draw no picture of somebody else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from basicchat.core.errors import InvalidInput
from basicchat.core.shown import Channel, Chart, Mark, Scale
from basicchat.core.types import Cell, Json

MOST_POINTS = 2_000
MOST_COLUMNS = 12
MOST_CELL = 200
"""Characters of a text in a chart's data."""
MARKS: tuple[str, ...] = get_args(Mark)
SHORT = (
    'Write it as {"chart": "bar", "rows": [{"month": "May", "cost": 3}], "x": "month", "y": "cost"}; '
    f"charts are {', '.join(MARKS)}."
)
SERIES = "series"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Mark(_Strict):
    type: Mark


class _Field(_Strict):
    field: str = Field(max_length=MOST_CELL)
    type: Scale | None = None
    title: str = Field("", max_length=MOST_CELL)


class _Encoding(_Strict):
    x: _Field | None = None
    y: _Field | None = None
    theta: _Field | None = None
    color: _Field | None = None


class _Data(_Strict):
    values: list[dict[str, Cell]]


class _VegaLite(_Strict):
    mark: Mark | _Mark
    data: _Data
    encoding: _Encoding
    title: str = Field("", max_length=MOST_CELL)
    described_by: str = Field("", alias="$schema")
    width: int | Literal["container"] = 0
    height: int = 0


class _Short(_Strict):
    chart: Mark
    rows: list[dict[str, Cell]] = []
    x: str | list[Cell]
    y: str | list[str] | list[Cell]
    color: str = ""
    title: str = Field("", max_length=MOST_CELL)


def is_chart(value: Json) -> bool:
    """Whether this is meant as a chart, well written or not."""
    return isinstance(value, dict) and (value.get("chart") in MARKS or ("mark" in value and "encoding" in value))


def chart_of(value: Json) -> Chart:
    """The chart that a description stands for. Raises `InvalidInput`, which says what does not fit."""
    fields = dict(cast("Mapping[str, Json]", value))
    try:
        chart = _short(_Short.model_validate(fields)) if "chart" in fields else _vega(_VegaLite.model_validate(fields))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InvalidInput(f"That is no chart that can be drawn: {place}: {problem['msg']}.", hint=SHORT) from error
    _check(chart)
    return chart


def _vega(spec: _VegaLite) -> Chart:
    mark = spec.mark if isinstance(spec.mark, str) else spec.mark.type
    encoding = spec.encoding
    x, y, colour = (encoding.x, encoding.y, encoding.color)
    if mark == "arc":
        x, y, colour = (colour, encoding.theta, None)
    if x is None or y is None:
        raise InvalidInput(f"The {mark} chart does not say which fields it draws.", hint=SHORT)
    columns, rows = _table(spec.data.values)
    wanted = [_channel(each, columns, rows, mark) for each in (x, y, colour) if each is not None]
    return Chart(mark, columns, rows, wanted[0], wanted[1], wanted[2] if colour else None, spec.title)


def _short(given: _Short) -> Chart:
    values, x, y, color = given.rows, given.x, given.y, given.color
    if isinstance(x, list):
        if not isinstance(y, list) or len(x) != len(y):
            raise InvalidInput("x and y are not equally long.", hint=SHORT)
        values, x, y = [{"x": one, "y": other} for one, other in zip(x, y, strict=True)], "x", "y"
    elif isinstance(y, list):
        names = [str(name) for name in y]
        values = [{x: row.get(x), "value": row.get(name), SERIES: name} for row in values for name in names]
        y, color = "value", SERIES
    columns, rows = _table(values)

    def channel(column: str) -> Channel:
        return _channel(_Field(field=column), columns, rows, given.chart)

    return Chart(given.chart, columns, rows, channel(x), channel(y), channel(color) if color else None, given.title)


def _table(values: Sequence[Mapping[str, Cell]]) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    columns = tuple(dict.fromkeys(name for row in values for name in row))
    return columns, tuple(tuple(row.get(name) for name in columns) for row in values)


def _channel(field: _Field, columns: Sequence[str], rows: Sequence[Sequence[Cell]], mark: str) -> Channel:
    if field.field not in columns:
        there = ", ".join(columns[:MOST_COLUMNS]) or "none"
        raise InvalidInput(f"The data has no field {field.field!r}.", hint=f"Its fields are: {there}.")
    cells = [row[columns.index(field.field)] for row in rows]
    return Channel(field.field, field.type or _scale(cells), field.title)


def _scale(cells: Sequence[Cell]) -> Scale:
    known = [cell for cell in cells if cell is not None]
    if known and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known):
        return "quantitative"
    return "temporal" if known and all(_is_moment(cell) for cell in known) else "nominal"


def _is_moment(cell: Cell) -> bool:
    try:
        return isinstance(cell, str) and len(cell) >= len("2026-01-31") and bool(datetime.fromisoformat(cell))
    except ValueError:
        return False


def _check(chart: Chart) -> None:
    """Raises `InvalidInput` for a chart that is too large, and for numbers that cannot be drawn."""
    if not chart.rows:
        raise InvalidInput("The chart has no data.", hint=SHORT)
    if len(chart.rows) > MOST_POINTS or len(chart.columns) > MOST_COLUMNS:
        raise InvalidInput(
            f"A chart has at most {MOST_POINTS:,} rows of {MOST_COLUMNS} fields: this one has {len(chart.rows):,} of "
            f"{len(chart.columns)}.",
            hint="Summarise the data first.",
        )
    for cell in (cell for row in chart.rows for cell in row):
        if isinstance(cell, float) and not math.isfinite(cell):
            raise InvalidInput("The data holds a number that is not finite.", hint="Leave such rows out.")
        if isinstance(cell, str) and len(cell) > MOST_CELL:
            raise InvalidInput(f"A text in the data is longer than {MOST_CELL} characters.", hint="Shorten it.")
    if any(len(name) > MOST_CELL for name in chart.columns):
        raise InvalidInput(f"A field's name is longer than {MOST_CELL} characters.", hint="Shorten it.")
