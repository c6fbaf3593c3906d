"""Counting tokens fast: a word is counted once, however often it stands in the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Count = Callable[[Sequence[str]], Sequence[int]]

MAX_KNOWN = 200_000
"""Words remembered; a language has fewer in use, and they take about 20 MB."""


class TokenCounter:
    """Counts the tokens of short pieces through a tokenizer, asking it only for pieces it has not seen."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def __call__(self, pieces: Sequence[str]) -> list[int]:
        """Tokens of each piece, in order."""
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        known = self._known
        unseen = list({piece for piece in pieces if piece not in known})
        if unseen:
            known.update(zip(unseen, self._count(unseen), strict=True))
        return [known[piece] for piece in pieces]

    def whole(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text counted as a whole, which is exact for every tokenizer, and not remembered."""
        return self._count(texts)
