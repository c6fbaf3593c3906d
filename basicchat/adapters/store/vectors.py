"""Kept vectors in SQL, by the text that was embedded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from sqlalchemy import delete, insert, select

from basicchat.adapters.store.connection import Transaction, batches
from basicchat.adapters.store.schema import vectors
from basicchat.core.protocols import Vector

VECTOR_TYPE = np.dtype("<f4")  # the byte order is fixed, so that a library can move between machines


class SqlVectors:
    """Vectors inside one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def vectors(self, embedder: str, digests: Sequence[str]) -> dict[str, Vector]:
        """Kept vectors as float32 arrays, by the sha256 of the text that was embedded."""
        found: dict[str, Vector] = {}
        for batch in batches(digests):
            query = select(vectors.c.digest, vectors.c.vector)
            query = query.where(vectors.c.embedder == embedder, vectors.c.digest.in_(batch))
            for row in self._transaction.rows(query):
                found[row["digest"]] = cast(Vector, np.frombuffer(row["vector"], dtype=VECTOR_TYPE).astype(np.float32))
        return found

    def keep_vectors(self, embedder: str, vectors_: Mapping[str, Vector]) -> None:
        """Keep vectors by the sha256 of the text that was embedded; a vector kept before is replaced."""
        for batch in batches(vectors_):
            self._forget(embedder, batch)
            self._transaction.write(insert(vectors), [_row(embedder, digest, vectors_[digest]) for digest in batch])

    def embedders(self) -> list[str]:
        """Names of the embedders of which vectors are kept, sorted."""
        return sorted(self._transaction.values(select(vectors.c.embedder).distinct()))

    def kept(self, embedder: str) -> set[str]:
        """The digests of every vector that is kept of an embedder."""
        return set(self._transaction.values(select(vectors.c.digest).where(vectors.c.embedder == embedder)))

    def forget_vectors(self, embedder: str, digests: Iterable[str]) -> None:
        """Forget kept vectors. No error for unknown ones."""
        for batch in batches(digests):
            self._forget(embedder, batch)

    def _forget(self, embedder: str, batch: Sequence[str]) -> None:
        self._transaction.write(delete(vectors).where(vectors.c.embedder == embedder, vectors.c.digest.in_(batch)))


def _row(embedder: str, digest: str, vector: Vector) -> dict[str, Any]:
    return {"embedder": embedder, "digest": digest, "vector": np.asarray(vector, VECTOR_TYPE).tobytes()}
