"""Runs Python in a sandbox."""

from __future__ import annotations

import json
from typing import Annotated, Any

from basicchat.toolbox import Chart, InvalidInput, Limits, Rows, Text, Toolkit, chart_of, is_chart, tool

SECONDS = 10.0
MOST_PARTS = 8


@tool(
    cost="seconds",
    version="2",
    examples=[
        {"code": "sum(n * n for n in range(10))"},
        {"code": "[{'n': n, 'square': n * n} for n in range(3)]"},
        {"code": "{'chart': 'line', 'x': [1, 2, 3], 'y': [1, 4, 9]}"},
    ],
)
def python(
    toolkit: Toolkit,
    code: Annotated[
        str,
        "Python. What it prints and the value of its last line come back; a list of dicts is a table, and "
        "{'chart': 'bar' or 'line', 'x': [...], 'y': [...], 'title': '...'} is drawn.",
    ],
) -> list[Text | Rows | Chart]:
    """Run Python to compute or plot what the calculator cannot. No files, no network, no packages, 10 seconds."""
    if not code.strip():
        raise InvalidInput("There is no code.")
    ran = toolkit.sandbox.run(code, limits=Limits(seconds=min(SECONDS, toolkit.seconds())))
    parts: list[Text | Rows | Chart] = [Text(ran.printed.rstrip("\n"))] if ran.printed.strip() else []
    if ran.error:
        raise InvalidInput(f"The code failed: {ran.error}", hint=_printed(ran.printed))
    several = ran.value if isinstance(ran.value, list) and any(map(is_chart, ran.value)) else [ran.value]
    if len(several) > MOST_PARTS:
        raise InvalidInput(f"At most {MOST_PARTS} charts and tables come back at once.")
    parts += [shown(each) for each in several if each is not None]
    return parts or [Text("The code ran, printed nothing, and its last line has no value.")]


def shown(value: Any) -> Text | Rows | Chart:
    """A value as a chart or a table where it is one, else as text. Raises `InvalidInput` for a chart that is wrong."""
    if is_chart(value):
        return chart_of(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return table(value) or Text(text)


def table(value: Any) -> Rows | None:
    """A list of dicts with the same keys and plain values as a table, None for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) and row for row in value):
        return None
    columns = tuple(value[0])
    cells = [cell for row in value for cell in row.values()]
    if any(tuple(row) != columns for row in value) or any(isinstance(cell, list | dict) for cell in cells):
        return None
    return Rows(columns, tuple(tuple(row.values()) for row in value))


def _printed(text: str) -> str:
    return f"Before that it printed: {text.strip()[-500:]}" if text.strip() else ""
