"""Counting tokens fast: a word is counted once, however often it stands in the library."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.protocols import Count

MAX_KNOWN = 200_000
"""Words remembered; a language has fewer in use, and they take about 20 MB."""
WORD_LENGTH = 64
"""Characters up to which a text is taken for a word and remembered; a passage hardly ever comes twice."""


class TokenCounter:
    """Counts tokens through a tokenizer, asking it only for words it has not seen and for whole passages."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, in order. Threads may share a counter."""
        if len(self._known) > MAX_KNOWN:
            self._known = {}
        known = self._known  # another thread may start afresh meanwhile
        unseen = list({text for text in texts if text not in known})
        counted = dict(zip(unseen, self._count(unseen), strict=True)) if unseen else {}
        known.update((text, tokens) for text, tokens in counted.items() if len(text) <= WORD_LENGTH)
        return [counted[text] if text in counted else known[text] for text in texts]
