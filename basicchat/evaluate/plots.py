"""Plots as inline SVG, drawn here: no script, no font, no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 260
LEFT, TOP, RIGHT, BOTTOM = 56, 16, 16, 44
COLOURS = ("#1f6f8b", "#c8553d", "#5b8c5a", "#7d5ba6", "#b08900", "#555555")
"""One a run, told apart also in print and by people who see no red."""
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Bar:
    """A share between 0 and 1 with its interval."""

    label: str
    value: float
    low: float
    high: float


def colour(number: int) -> str:
    """The colour of a run, from 0."""
    return COLOURS[number % len(COLOURS)]


def bars(labels: Sequence[str], runs: Sequence[Sequence[Bar]], *, title: str) -> str:
    """Bars in groups, one group a label, one bar a run, with whiskers for the intervals; empty without labels.

    A run that lacks a label leaves its place empty.
    """
    if not labels or not runs:
        return ""
    group = (WIDTH - LEFT - RIGHT) / len(labels)
    thick = min(group * 0.8 / len(runs), 40)
    parts = [_grid()]
    for place, label in enumerate(labels):
        middle = LEFT + group * (place + 0.5)
        parts.append(_text(middle, HEIGHT - BOTTOM + 18, label))
        for number, run in enumerate(runs):
            bar = next((each for each in run if each.label == label), None)
            if bar is not None:
                parts.append(_bar(bar, middle + (number - len(runs) / 2) * thick, thick, colour(number)))
    return _figure(parts, title)


def curves(runs: Sequence[Sequence[tuple[float, float]]], *, title: str, across: str, up: str) -> str:
    """A line a run through its points, both coordinates between 0 and 1; empty without points."""
    if not any(runs):
        return ""
    parts = [_grid(), *(_text(_x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}") for tick in TICKS)]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across))
    parts.append(_text(LEFT + 4, TOP - 4, up, anchor="start"))
    for number, points in enumerate(runs):
        if points:
            drawn = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
            parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour(number)}" stroke-width="2"/>')
    return _figure(parts, title)


def _bar(bar: Bar, left: float, thick: float, fill: str) -> str:
    top, middle = _y(bar.value), left + thick / 2
    hint = escape(f"{bar.label}: {bar.value:.3f} ({bar.low:.3f} to {bar.high:.3f})")
    whisker = f'<path d="M{middle:.1f} {_y(bar.low):.1f}V{_y(bar.high):.1f}" stroke="#222" stroke-width="1.5"/>'
    return (
        f'<rect x="{left + 1:.1f}" y="{top:.1f}" width="{max(thick - 2, 1):.1f}" height="{_y(0) - top:.1f}" '
        f'fill="{fill}"><title>{hint}</title></rect>{whisker if bar.low <= bar.high else ""}'
    )


def _grid() -> str:
    return "".join(
        f'<path d="M{LEFT} {_y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        + _text(LEFT - 8, _y(tick) + 4, f"{tick:g}", anchor="end")
        for tick in TICKS
    )


def _figure(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
