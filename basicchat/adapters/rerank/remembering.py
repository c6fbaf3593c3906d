"""Another reranker, but a pair is read once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from basicchat.core.protocols import Reranker

PAIRS = 10_000
"""Scores held: some two megabytes."""


class RememberingReranker:
    """Remembers the scores of the last pairs of a question and a passage.

    An answer made afresh, by another model or with another filter reads few passages again. So does a question that was
    stopped by its deadline: the second time it gets further.
    """

    def __init__(self, reranker: Reranker, *, size: int = PAIRS) -> None:
        self.reranker = reranker
        self._size = size
        self._lock = threading.Lock()
        self._scores: OrderedDict[bytes, float] = OrderedDict()

    @property
    def name(self) -> str:
        """That of the reranker."""
        return self.reranker.name

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """One score a passage, in order, of a leading part where the deadline passes; what is known takes no time."""
        keys = {text: _key(query, text) for text in passages}
        with self._lock:
            known = {text: self._scores[key] for text, key in keys.items() if key in self._scores}
            for text in known:
                self._scores.move_to_end(keys[text])
        unread = [text for text in keys if text not in known]
        read = dict(zip(unread, self.reranker.score(query, unread, deadline=deadline), strict=False)) if unread else {}
        with self._lock:
            self._scores.update((keys[text], score) for text, score in read.items())
            while len(self._scores) > self._size:
                self._scores.popitem(last=False)
        return _leading(passages, known | read)


def _leading(passages: Sequence[str], scores: dict[str, float]) -> list[float]:
    """The scores of the passages up to the first one that has none."""
    leading = []
    for text in passages:
        if text not in scores:
            break
        leading.append(scores[text])
    return leading


def _key(query: str, passage: str) -> bytes:
    both = f"{len(query)}\n{query}{passage}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(both, digest_size=16).digest()
