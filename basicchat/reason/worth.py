"""What each mode was measured to be worth beside a written answer, and what a reader is told of it.

The figures lie in ``worth.json``; ``python -m benchmarks.modes ... --record`` writes them. Nothing here is written by
hand, so that no mode is praised for what it never did.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PLAIN = frozenset({"auto", "direct", "extractive", "chat"})
"""Modes that promise no more than a written answer, or another thing."""

UNMEASURED = "Not measured yet beside a written answer."
NOT_BETTER = "Measured, and nowhere better than a written answer."
FEWEST = 20  # questions of a set; with fewer nothing is said


@dataclass(frozen=True)
class Worth:
    """One mode and the written answer, asked the same questions of a set with one model.

    ``right`` of ``asked`` answers were right, ``direct`` of the written ones. ``seconds`` is a median, ``tokens`` a
    mean of those that the model wrote.
    """

    model: str
    set: str
    mode: str
    asked: int
    right: int
    direct: int
    seconds: float
    tokens: float

    @property
    def gain(self) -> float:
        """Points of a hundred over the written answer."""
        return 100 * (self.right - self.direct) / self.asked


@cache
def recorded() -> tuple[Worth, ...]:
    """The figures that were recorded."""
    found = json.loads(files("basicchat.reason").joinpath("worth.json").read_text(encoding="utf-8"))
    return tuple(Worth(**each) for each in found)


def remark(mode: str, table: Sequence[Worth]) -> str:
    """What is said of a mode: that it was not measured, or is nowhere better; nothing where it is better somewhere."""
    own = [each for each in table if each.mode == mode and each.asked >= FEWEST]
    if mode in PLAIN or any(each.gain > 0 for each in own):
        return ""
    return NOT_BETTER if own else UNMEASURED


def told(mode: str, help_text: str) -> str:
    """The help text of a mode with the remark of the recorded table."""
    return f"{help_text} {remark(mode, recorded())}".strip()
