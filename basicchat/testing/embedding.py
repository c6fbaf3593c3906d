"""An embedder and a reranker that need no model: they compare words and parts of words."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from basicchat.core.protocols import Vector

WORD = re.compile(r"\w+")
TRIGRAM_WEIGHT = 0.3  # parts of words help `house` find `houses`, but must not outweigh whole words
COMMON_WORDS = """a an and are as at be by did do does for from had has have how in is it its of on or
that the their there this to was were what when where which who why will with"""
COMMON = frozenset(COMMON_WORDS.split())


def every_word(text: str) -> list[str]:
    """Lower-case words of a text."""
    return [word.casefold() for word in WORD.findall(text)]


def words(text: str) -> list[str]:
    """Lower-case words of a text, common English ones left out unless nothing else is there."""
    found = every_word(text)
    return [word for word in found if word not in COMMON] or found


class HashingEmbedder:
    """Hashes words and letter triples into a unit vector. Same text, same vector, on every machine."""

    def __init__(self, *, dimension: int = 256, max_tokens: int = 256) -> None:
        self._dimension = dimension
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        """Names the dimension too: vectors of different lengths are different vectors."""
        return f"hashing-{self._dimension}@1"

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._dimension

    @property
    def max_tokens(self) -> int:
        """Words of a text that count."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words of each text."""
        return [len(WORD.findall(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, as rows of a float32 array."""
        rows = [self._embed(text) for text in texts]
        return cast(Sequence[Vector], np.asarray(rows, dtype=np.float32).reshape(len(rows), self._dimension))

    def embed_query(self, text: str) -> Vector:
        """The same as for a passage."""
        return cast(Vector, self._embed(text))

    def _embed(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self._dimension, dtype=np.float32)
        for feature, weight in self._features(text):
            digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            sign = 1.0 if digest[0] & 1 else -1.0
            vector[int.from_bytes(digest[1:], "big") % self._dimension] += sign * weight
        length = float(np.linalg.norm(vector))
        if length == 0.0:
            vector[0] = length = 1.0  # a text without words still has a direction
        return vector / np.float32(length)

    def _features(self, text: str) -> Iterator[tuple[str, float]]:
        kept = WORD.findall(text)[: self._max_tokens]
        for word, times in Counter(words(" ".join(kept))).items():
            weight = 1.0 + math.log(times)
            yield f"word {word}", weight
            padded = f" {word} "
            for start in range(len(padded) - 2):
                yield f"part {padded[start : start + 3]}", weight * TRIGRAM_WEIGHT


class OverlapReranker:
    """Scores a passage by the share of the question's words that it holds, as a logit between -6 and 6."""

    def __init__(self, *, batch_size: int = 8) -> None:
        self._batch_size = batch_size

    @property
    def name(self) -> str:
        """Always the same."""
        return "overlap@1"

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """One score a passage, 0 where half of the question's words are there."""
        wanted = set(words(query))
        scores: list[float] = []
        for start in range(0, len(passages), self._batch_size):
            if start and deadline is not None and time.monotonic() >= deadline:
                break
            scores += [_overlap(wanted, passage) for passage in passages[start : start + self._batch_size]]
        return scores


def _overlap(wanted: set[str], passage: str) -> float:
    if not wanted:
        return 0.0
    return 12.0 * len(wanted & set(words(passage))) / len(wanted) - 6.0
