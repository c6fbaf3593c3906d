"""Another embedder, but a question is embedded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from basicchat.core.protocols import Embedder, Vector

QUESTIONS = 256
"""Vectors held: well under a megabyte."""


class RememberingEmbedder:
    """Remembers the vectors of the last questions: looking for an earlier answer and searching embed the same text."""

    def __init__(self, embedder: Embedder, *, size: int = QUESTIONS) -> None:
        self.embedder = embedder
        self._size = size
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vector] = OrderedDict()

    @property
    def name(self) -> str:
        """That of the embedder."""
        return self.embedder.name

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self.embedder.dimension

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count."""
        return self.embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self.embedder.count_tokens(texts)

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, never remembered: the store keeps them."""
        return self.embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with. Not to be changed: it is handed out again."""
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
                return self._vectors[text]
        vector = self.embedder.embed_query(text)
        with self._lock:
            self._vectors[text] = vector
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)
        return vector
