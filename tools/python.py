"""Runs Python in a sandbox."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import Chart, InvalidInput, Rows, Text, Toolkit, in_sandbox, tool


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
    return in_sandbox(toolkit, code)
