"""A reranker that remembers."""

from __future__ import annotations

import time
from collections.abc import Sequence

from basicchat.evaluate.remembering import BATCH, Remembering
from basicchat.testing.embedding import OverlapReranker

TEXTS = [f"The ferry {number} leaves" for number in range(10)]


class Counting(OverlapReranker):
    """Counts what it reads."""

    read = 0

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        self.read += len(passages)
        return super().score(query, passages, deadline=deadline)


def test_each_pair_is_read_once_and_the_time_is_owed() -> None:
    inner = Counting()
    remembering = Remembering(inner)
    first = remembering.score("ferry 3", TEXTS)
    assert remembering.take_owed() == 0
    assert remembering.score("ferry 3", TEXTS[::-1]) == first[::-1] == OverlapReranker().score("ferry 3", TEXTS)[::-1]
    assert inner.read == len(TEXTS)
    assert remembering.take_owed() > 0
    assert remembering.take_owed() == 0
    assert remembering.name == inner.name


def test_a_deadline_that_is_over_leaves_the_first_batch() -> None:
    remembering = Remembering(OverlapReranker())
    assert len(remembering.score("ferry", TEXTS, deadline=time.monotonic() - 1)) == BATCH
    assert len(remembering.score("ferry", TEXTS, deadline=time.monotonic() + 60)) == len(TEXTS)
