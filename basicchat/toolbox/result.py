"""Results of tools: kept within a size, as text for a model, and as JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from basicchat.core.codec import to_json
from basicchat.core.shown import Exhibit
from basicchat.core.tools import Chart, Part, Picture, Rows, Source, Sources, Text, ToolResult
from basicchat.core.types import Cell, Json


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may take. ``output_bytes`` is for all text and rows together, a picture has its own limit."""

    seconds: float = 30.0
    output_bytes: int = 60_000
    picture_bytes: int = 4_000_000


MOST_SHOWN_ROWS = 200
"""Rows of a table that is kept with an answer."""

TOLD_ROWS = 20
"""Rows of a chart that a model reads."""


def limited(result: ToolResult, budget: Budget) -> ToolResult:
    """The result within its budget. What does not fit is left out from the end, and a note says so."""
    left, kept, cut = budget.output_bytes, list[Part](), False
    for part in result.parts:
        if isinstance(part, Picture):
            fits = len(part.data) <= budget.picture_bytes
            kept.append(part if fits else Text(f"[a picture that is too large: {part.alt}]"))
            cut = cut or not fits
            continue
        if isinstance(part, Chart):  # a chart of a part of its data would mislead
            size = sum(len(_line(row).encode("utf-8", "surrogatepass")) for row in part.rows)
            kept.append(part if size <= left else Text("[a chart that is too large]"[:left]))
            cut, left = cut or size > left, max(0, left - size)
            continue
        shortened, used = _shortened(part, left)
        cut = cut or shortened != part
        left -= used
        kept.append(shortened)
    if not cut:
        return result
    note = f"The result was longer than {budget.output_bytes:,} bytes and has been cut."
    return replace(result, parts=tuple(kept), truncated=True, notes=(*result.notes, note))


def _shortened(part: Text | Rows | Sources, room: int) -> tuple[Text | Rows | Sources, int]:
    """A part of at most ``room`` bytes, and how many it takes."""
    if isinstance(part, Text):
        data = part.text.encode("utf-8", "surrogatepass")
        return (part, len(data)) if len(data) <= room else (Text(data[:room].decode("utf-8", "ignore")), room)
    items = part.rows if isinstance(part, Rows) else part.sources
    used, count = 0, 0
    for item in items:
        size = len(_line(item).encode("utf-8", "surrogatepass"))
        if used + size > room:
            break
        used, count = used + size, count + 1
    if isinstance(part, Rows):
        return (part if count == len(items) else replace(part, rows=part.rows[:count])), used
    return (part if count == len(items) else replace(part, sources=part.sources[:count])), used


def text_of(result: ToolResult) -> str:
    """The result as a model reads it. Sources are numbered from 1 through all parts."""
    lines, number = list[str](), 0
    for part in result.parts:
        if isinstance(part, Text):
            lines.append(part.text)
        elif isinstance(part, Picture):
            lines.append(f"[picture: {part.alt}]")
        elif isinstance(part, Rows):
            lines += [f"Asked: {part.query}"] if part.query else []
            lines += [" | ".join(part.columns), *(_line(row) for row in part.rows)]
            lines += [] if part.rows else ["(no rows)"]
        elif isinstance(part, Chart):
            lines += _chart_lines(part)
        else:
            for source in part.sources:
                number += 1
                lines.append(f"[{number}] {_line(source)}")
            lines += [] if part.sources else ["Nothing was found."]
    return "\n".join([*lines, *result.notes])


def exhibits(result: ToolResult) -> tuple[Exhibit, ...]:
    """What an answer keeps to show: charts, and tables that have rows, the first `MOST_SHOWN_ROWS` of each."""
    return tuple(
        part if isinstance(part, Chart) else replace(part, rows=part.rows[:MOST_SHOWN_ROWS])
        for part in result.parts
        if isinstance(part, (Chart, Rows)) and part.rows
    )


def _chart_lines(chart: Chart) -> list[str]:
    named = f" “{chart.title}”" if chart.title else ""
    head = f"[{chart.mark} chart{named}, shown to the user: {chart.y.column} by {chart.x.column}]"
    more = [f"... and {len(chart.rows) - TOLD_ROWS} more"] if len(chart.rows) > TOLD_ROWS else []
    return [head, " | ".join(chart.columns), *(_line(row) for row in chart.rows[:TOLD_ROWS]), *more]


def _line(item: tuple[Cell, ...] | Source) -> str:
    if isinstance(item, tuple):
        return " | ".join("" if cell is None else " ".join(str(cell).split()) for cell in item)
    page = f"page {item.page}" if item.page else ""
    where = ", ".join(each for each in (item.title, item.place or page, item.address) if each)
    return f"{where}\n{item.quote}" if item.quote else where


def document_of(result: ToolResult) -> dict[str, Json]:
    """The typed result as JSON: every part with its ``kind``, pictures in base64, and the whole as text."""
    return {
        "parts": [_part(part) for part in result.parts],
        "text": text_of(result),
        "truncated": result.truncated,
        "notes": list(result.notes),
        "tainted": result.tainted,
    }


def _part(part: Part) -> Json:
    kind = type(part).__name__.lower()
    if isinstance(part, Picture):
        data = base64.b64encode(part.data).decode()
        return {"kind": kind, "media_type": part.media_type, "alt": part.alt, "data": data}
    values = to_json(part)
    return {"kind": kind, **(values if isinstance(values, dict) else {})}
