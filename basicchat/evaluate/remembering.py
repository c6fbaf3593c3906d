"""A reranker that reads a pair once, and still says how long reading it again would have taken."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from basicchat.core.protocols import Reranker

BATCH = 4
"""Pairs between two looks at the clock, as the default reranker has it on two cores."""


class Remembering:
    """Wraps a reranker for many searches of the same questions. For one thread.

    Deadlines hold as they would without a memory: a pair that was read before takes the time that it took then.
    """

    def __init__(self, inner: Reranker) -> None:
        self._inner = inner
        self._known: dict[tuple[str, str], tuple[float, float]] = {}
        self._owed = 0.0

    @property
    def name(self) -> str:
        """The name of the other one."""
        return self._inner.name

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """What the other one says, or said."""
        left = math.inf if deadline is None else deadline - time.monotonic()
        scores: list[float] = []
        for start in range(0, len(passages), BATCH):
            if start and left <= 0:
                break
            pairs = [(query, text) for text in passages[start : start + BATCH]]
            new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
            self._owed += sum(self._known[pair][1] for pair in pairs if pair in self._known)
            self._read(query, [text for _, text in new])
            left -= sum(self._known[pair][1] for pair in pairs)
            scores += [self._known[pair][0] for pair in pairs]
        return scores

    def take_owed(self) -> float:
        """Seconds that remembering has saved since this was asked last."""
        owed, self._owed = self._owed, 0.0
        return owed

    def _read(self, query: str, texts: Sequence[str]) -> None:
        if not texts:
            return
        started = time.perf_counter()
        logits = self._inner.score(query, texts)
        each = (time.perf_counter() - started) / len(texts)
        for text, logit in zip(texts, logits, strict=True):
            self._known[query, text] = (logit, each)
