"""What a way of several steps may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Bounds: steps, tokens that models write, seconds, and calls of tools."""

    steps: int = 12
    tokens: int = 4000
    seconds: float = 180.0
    tool_calls: int = 8
