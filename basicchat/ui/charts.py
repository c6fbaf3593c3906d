"""From a `Chart` to the Vega-Lite that the page draws. Pure: no Streamlit here.

Columns get names of our own, as Vega-Lite reads dots and brackets in a name as a path; their own names are titles.
"""

from __future__ import annotations

from typing import Any

from basicchat.core.shown import Channel, Chart

HEIGHT = 280
"""Pixels of a chart."""


def vega_lite(chart: Chart) -> dict[str, Any]:
    """The specification, with its data inside it."""
    names = {column: f"c{at}" for at, column in enumerate(chart.columns)}
    values = [dict(zip(names.values(), row, strict=True)) for row in chart.rows]
    x, y = _encoded(chart.x, names), _encoded(chart.y, names)
    encoding = {"theta": y, "color": x} if chart.mark == "arc" else {"x": x, "y": y}
    if chart.colour is not None and chart.mark != "arc":
        encoding["color"] = _encoded(chart.colour, names)
    if chart.mark == "bar" and chart.x.scale == "quantitative":
        x |= {"type": "ordinal", "sort": None}  # a bar for each number, not one hair's breadth on a line of numbers
    points = {"point": True} if chart.mark == "line" and len(chart.rows) <= 60 else {}
    return {
        "data": {"values": values},
        "mark": {"type": chart.mark, "tooltip": True, **points},
        "encoding": encoding,
        "height": HEIGHT,
    }


def caption(chart: Chart) -> str:
    """The chart in words, for everybody who cannot see it."""
    series = f" by {_title(chart.colour)}" if chart.colour else ""
    words = f"{_title(chart.y)} by {_title(chart.x)}{series}"
    return f"{chart.title} ({words})" if chart.title else words


def _encoded(channel: Channel, names: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {"field": names[channel.column], "type": channel.scale, "title": _title(channel)}
    if channel.scale in ("nominal", "ordinal"):
        told["sort"] = None  # in the order of the data
    return told


def _title(channel: Channel) -> str:
    return channel.title or channel.column
