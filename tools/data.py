"""Picks and reshapes JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Annotated, Any, Literal

from basicchat.toolbox import InvalidInput, Rows, Text, tool

WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,9})\.[0-9]{1,9}")
MOST_QUERY = 2_000


@tool(
    version="1",
    examples=[
        {"data": '[{"item": "oak", "cost": 3}, {"item": "tar", "cost": 1}]', "query": "[?cost > `2`].item"},
        {"data": "item,cost\noak,3\ntar,1", "query": "sort_by(@, &item)", "to": "table"},
    ],
)
def data(
    data: Annotated[str, "The data: JSON, or CSV whose first line has the names of the columns."],
    query: Annotated[str, "What to take, in JMESPath, such as items[?price > `10`].name; @ is everything."] = "@",
    to: Annotated[Literal["json", "table", "csv"], "In which form to give it back."] = "json",
) -> Text | Rows:
    """Take parts of JSON or CSV data, filter, sort and reshape it, or turn one into the other."""
    found = picked(read(data), query)
    if to == "json":
        return Text(json.dumps(found, ensure_ascii=False, indent=1))
    rows = table(found)
    return rows if to == "table" else Text(_csv(rows))


def read(text: str) -> Any:
    """The data as JSON has it; CSV becomes a list of objects, numbers in it become numbers. Raises `InvalidInput`."""
    stripped = text.strip().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    if stripped[:1] in {"{", "[", '"'}:
        try:
            return json.loads(stripped)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"The JSON cannot be read: {error}.") from error
    if not stripped:
        raise InvalidInput("There is no data.")
    try:
        dialect = csv.Sniffer().sniff(stripped[:4000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        lines = list(csv.reader(io.StringIO(stripped), dialect))
    except csv.Error as error:
        raise InvalidInput(f"The CSV cannot be read: {error}.") from error
    names = [name.strip() or f"column_{at}" for at, name in enumerate(lines[0], start=1)]
    return [{name: _value(cell) for name, cell in zip(names, line, strict=False)} for line in lines[1:] if line]


def picked(value: Any, query: str) -> Any:
    """What a JMESPath expression takes. Raises `InvalidInput` for one that makes no sense, or none for this data."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    if len(query) > MOST_QUERY:
        raise InvalidInput("The query is too long.")
    try:
        return jmespath.search(query.strip() or "@", value)
    except (JMESPathError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InvalidInput(
            f"The query {query[:100]!r} cannot be run: {first}",
            hint="It is JMESPath, such as items[?price > `10`].name.",
        ) from error


def table(value: Any) -> Rows:
    """A value as a table: objects become rows with a column a key, anything else one column. Raises `InvalidInput`."""
    items = value if isinstance(value, list) else [value]
    if not items:
        return Rows((), ())
    if all(isinstance(item, dict) for item in items):
        columns = tuple(dict.fromkeys(name for item in items for name in item))
        return Rows(columns, tuple(tuple(_cell(item.get(name)) for name in columns) for item in items))
    if all(isinstance(item, list) for item in items):
        width = max(len(item) for item in items)
        rows = tuple(tuple(_cell(each) for each in (*item, *[None] * (width - len(item)))) for item in items)
        return Rows(tuple(f"column_{at}" for at in range(1, width + 1)), rows)
    return Rows(("value",), tuple((_cell(item),) for item in items))


def _cell(value: Any) -> bool | int | float | str | None:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _value(cell: str) -> int | float | str:
    """A number where the text is one as a machine writes it; ``007`` and ``1e5`` stay text."""
    text = cell.strip()
    if WHOLE.fullmatch(text):
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else cell


def _csv(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows.rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets a quote in front of it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
