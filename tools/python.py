"""Runs Python in a sandbox."""

from __future__ import annotations

import json
from typing import Annotated, Any

from basicchat.toolbox import InvalidInput, Limits, Rows, Text, Toolkit, tool

SECONDS = 10.0


@tool(
    cost="seconds",
    version="1",
    examples=[{"code": "sum(n * n for n in range(10))"}, {"code": "[{'n': n, 'square': n * n} for n in range(3)]"}],
)
def python(
    toolkit: Toolkit,
    code: Annotated[
        str, "Python. What it prints and the value of its last line come back; a list of dicts is a table."
    ],
) -> list[Text | Rows]:
    """Run Python to compute something that the calculator cannot. No files, no network, no packages, 10 seconds."""
    if not code.strip():
        raise InvalidInput("There is no code.")
    ran = toolkit.sandbox.run(code, limits=Limits(seconds=min(SECONDS, toolkit.seconds())))
    parts: list[Text | Rows] = [Text(ran.printed.rstrip("\n"))] if ran.printed.strip() else []
    if ran.error:
        raise InvalidInput(f"The code failed: {ran.error}", hint=_printed(ran.printed))
    rows = table(ran.value)
    if rows is not None:
        parts.append(rows)
    elif ran.value is not None:
        parts.append(Text(ran.value if isinstance(ran.value, str) else json.dumps(ran.value, ensure_ascii=False)))
    return parts or [Text("The code ran, printed nothing, and its last line has no value.")]


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
