"""What code in the sandbox did, as parts of a result: text, tables and charts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Chart, Limits, Ran, Rows, Text, Toolkit
from basicchat.core.types import Json
from basicchat.toolbox.chart import chart_of, is_chart

SECONDS = 10.0
MOST_PARTS = 8


def in_sandbox(toolkit: Toolkit, code: str, given: Mapping[str, Json] | None = None) -> list[Text | Rows | Chart]:
    """Run code in the sandbox, with the values ``given`` under their names; what it printed and its last line's value.

    Raises `InvalidInput` for code that fails, and what sandboxes raise.
    """
    values = "".join(f"{name} = {value!r}\n" for name, value in (given or {}).items())
    return parts_of(toolkit.sandbox.run(values + code, limits=Limits(seconds=min(SECONDS, toolkit.seconds()))))


def parts_of(ran: Ran) -> list[Text | Rows | Chart]:
    """What it printed, and the value of its last line. Raises `InvalidInput` for an error and a chart that is wrong."""
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
