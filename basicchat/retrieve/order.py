"""In which order passages stand in a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from basicchat.core.types import Passage

Order = Literal["best-first", "best-outside"]
"""The best passage first and the worst last, or the best first, the second last, and the worst in the middle."""


def arranged(passages: Sequence[Passage], order: Order) -> tuple[Passage, ...]:
    """Passages that come best first, in another order, numbered from 1 as they stand.

    Models read the middle of a long prompt worst (Liu et al., "Lost in the Middle", TACL 2024), so with
    ``best-outside`` the worst passages stand there.
    """
    if order == "best-first":
        return tuple(passages)
    outside = [*passages[::2], *reversed(passages[1::2])]
    return tuple(replace(passage, number=number) for number, passage in enumerate(outside, start=1))
