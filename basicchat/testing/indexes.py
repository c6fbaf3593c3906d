"""Indexes in memory: exact, and in the same order every time."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from basicchat.core.errors import StoreError
from basicchat.core.protocols import Vector
from basicchat.core.types import Chunk, Scope
from basicchat.testing.embedding import every_word, words

BM25_K1 = 1.2  # the constants of Robertson & Zaragoza, "BM25 and Beyond", 2009
BM25_B = 0.75


def best(scored: Iterable[tuple[str, float]], top_k: int) -> list[tuple[str, float]]:
    """The ``top_k`` highest scores, ties to the smaller id."""
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[: max(top_k, 0)]


def _in_scope(chunk_id: str, document_id: str, scope: Scope) -> bool:
    if scope.chunk_ids is not None:
        return chunk_id in scope.chunk_ids
    return not scope.document_ids or document_id in scope.document_ids


class MemoryVectorIndex:
    """Compares with every vector."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._collections: dict[str, dict[str, tuple[str, NDArray[np.float32]]]] = {}

    def add(self, collection: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Add or replace, keyed by chunk id. Raises `StoreError` for a vector of another length."""
        rows = [np.asarray(vector, dtype=np.float32) for vector in vectors]
        with self._lock:
            held = self._collections.setdefault(collection, {})
            lengths = {len(row) for row in rows} | {len(row) for _, row in list(held.values())[:1]}
            if len(lengths) > 1:
                raise StoreError(f"Vectors of different lengths in one collection: {sorted(lengths)}.")
            for chunk, row in zip(chunks, rows, strict=True):
                held[chunk.id] = (chunk.document_id, row)

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents."""
        with self._lock:
            held = self._collections.get(collection, {})
            self._collections[collection] = {key: value for key, value in held.items() if value[0] not in document_ids}

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id."""
        with self._lock:
            gone = set(chunk_ids)
            held = self._collections.get(collection, {})
            self._collections[collection] = {key: value for key, value in held.items() if key not in gone}

    def search(self, vector: Vector, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, cosine similarity), best first."""
        with self._lock:
            every = self._collections.get(scope.collection, {})
            held = [(key, row) for key, (document, row) in every.items() if _in_scope(key, document, scope)]
        if not held:
            return []
        query = np.asarray(vector, dtype=np.float32)
        if len(query) != len(held[0][1]):
            raise StoreError(f"The index holds vectors of length {len(held[0][1])}, not {len(query)}.")
        matrix = np.stack([row for _, row in held])
        lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
        scores = (matrix @ query) / np.where(lengths == 0, 1, lengths)
        return best(zip([key for key, _ in held], scores.tolist(), strict=True), top_k)

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""
        with self._lock:
            return set(self._collections.get(collection, {}))

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""
        with self._lock:
            return {key: held[0] for key, held in self._collections.get(collection, {}).items()}

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted."""
        with self._lock:
            return sorted(self._collections)

    def clear(self, collection: str) -> None:
        """Forget the whole collection."""
        with self._lock:
            self._collections.pop(collection, None)

    def reset(self) -> None:
        """Forget every collection."""
        with self._lock:
            self._collections.clear()

    def close(self) -> None:
        """Nothing to release."""


@dataclass(frozen=True)
class _Entry:
    document_id: str
    terms: Counter[str]
    length: int


class MemoryLexicalIndex:
    """BM25 over whole words, without stemming."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._collections: dict[str, dict[str, _Entry]] = {}

    def add(self, collection: str, chunks: Sequence[Chunk]) -> None:
        """Add or replace, keyed by chunk id."""
        with self._lock:
            held = self._collections.setdefault(collection, {})
            for chunk in chunks:
                terms = every_word(" ".join((*chunk.heading, chunk.text)))
                held[chunk.id] = _Entry(chunk.document_id, Counter(terms), len(terms))

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents."""
        with self._lock:
            held = self._collections.get(collection, {})
            self._collections[collection] = {k: e for k, e in held.items() if e.document_id not in document_ids}

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id."""
        gone = set(chunk_ids)
        with self._lock:
            held = self._collections.get(collection, {})
            self._collections[collection] = {key: entry for key, entry in held.items() if key not in gone}

    def search(self, text: str, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, BM25 score), best first."""
        terms = set(words(text))
        with self._lock:
            held = dict(self._collections.get(scope.collection, {}))
        if not terms or not held:
            return []
        average = sum(entry.length for entry in held.values()) / len(held) or 1.0
        weights = {term: _idf(sum(term in entry.terms for entry in held.values()), len(held)) for term in terms}
        scored = (
            (chunk_id, sum(weights[term] * _saturation(entry, term, average) for term in terms if term in entry.terms))
            for chunk_id, entry in held.items()
            if _in_scope(chunk_id, entry.document_id, scope)
        )
        return best((pair for pair in scored if pair[1] > 0), top_k)

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""
        with self._lock:
            return set(self._collections.get(collection, {}))

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""
        with self._lock:
            return {key: held.document_id for key, held in self._collections.get(collection, {}).items()}

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted."""
        with self._lock:
            return sorted(self._collections)

    def clear(self, collection: str) -> None:
        """Forget the whole collection."""
        with self._lock:
            self._collections.pop(collection, None)

    def reset(self) -> None:
        """Forget every collection."""
        with self._lock:
            self._collections.clear()

    def close(self) -> None:
        """Nothing to release."""


def _idf(frequency: int, total: int) -> float:
    """Inverse document frequency in the form that is never negative (Lucene's)."""
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def _saturation(entry: _Entry, term: str, average: float) -> float:
    count = entry.terms[term]
    return count * (BM25_K1 + 1) / (count + BM25_K1 * (1 - BM25_B + BM25_B * entry.length / average))
