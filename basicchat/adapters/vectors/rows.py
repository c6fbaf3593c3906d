"""Vectors held in memory for comparing a few of them exactly."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from basicchat.core.protocols import Vector

Row = NDArray[np.float32]
Key = tuple[str, str]
"""A collection and a chunk id."""

ROWS = 20_000
"""Vectors held: 31 MB of those with 384 numbers. What was used least lately goes first."""


class Rows:
    """Remembers vectors by collection and chunk id, so that asking again within a few documents fetches none.

    Whoever changes a vector must `forget` it. Threads may share it.
    """

    def __init__(self, size: int = ROWS) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[Key, Row] = OrderedDict()
        self._changes = 0

    def of(
        self, collection: str, chunk_ids: Sequence[str], fetch: Callable[[Sequence[str]], Mapping[str, Row]]
    ) -> dict[str, Row]:
        """The vectors of chunks by id, those that are not held from ``fetch``, which may lack some."""
        wanted = dict.fromkeys(chunk_ids)
        with self._lock:
            changes = self._changes
            found = {each: self._held[collection, each] for each in wanted if (collection, each) in self._held}
            for each in found:
                self._held.move_to_end((collection, each))
        missing = [each for each in wanted if each not in found]
        fetched = fetch(missing) if missing else {}
        with self._lock:
            if changes == self._changes:  # else what was fetched may be older than the change
                self._held.update(((collection, each), row) for each, row in fetched.items())
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return {**found, **fetched}

    def forget(self, collection: str, chunk_ids: Iterable[str] | None = None) -> None:
        """Hold these no more, or none of the collection."""
        with self._lock:
            self._changes += 1
            if chunk_ids is None:
                chunk_ids = [chunk_id for name, chunk_id in self._held if name == collection]
            for chunk_id in chunk_ids:
                self._held.pop((collection, chunk_id), None)

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._changes += 1
            self._held.clear()


def nearest(vector: Vector, rows: Mapping[str, Row]) -> list[tuple[str, float]]:
    """(Chunk id, cosine similarity) of every row, best first, ties to the smaller id.

    Raises `ValueError` for a vector of another length.
    """
    if not rows:
        return []
    query = np.asarray(vector, dtype=np.float32)
    matrix = np.stack(list(rows.values()))
    if matrix.shape[1] != len(query):
        raise ValueError(f"expecting embedding with dimension of {matrix.shape[1]}, got {len(query)}")
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
    cosines = (matrix @ query) / np.where(lengths == 0, 1, lengths)
    return sorted(zip(rows, cosines.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
