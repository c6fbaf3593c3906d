"""The tables of the documents, to be asked exactly."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.errors import InvalidInput
from basicchat.core.protocols import Store, TableIndex
from basicchat.core.types import Table, TableInfo

MOST_ROWS = 10_000
"""Rows of one answer."""


class Tables:
    """Says what tables there are and answers questions about them in SQL. Nothing can be changed through it."""

    def __init__(self, *, index: TableIndex, store: Store) -> None:
        self._index = index
        self._store = store

    def describe(self, *, collection: str | None = None, document_ids: Sequence[str] = ()) -> list[TableInfo]:
        """The tables of these documents, or of a collection, or of the whole library."""
        infos = self._index.describe(document_ids or None)
        with self._store.begin() as unit:
            documents = unit.documents.many(list({info.document_id for info in infos}))
        there = {name for name, each in documents.items() if collection in (None, each.collection)}
        return [info for info in infos if info.document_id in there]

    def query(
        self, sql: str, *, limit: int = 1000, collection: str | None = None, document_ids: Sequence[str] | None = None
    ) -> Table:
        """The result of one SELECT, at most ``limit`` rows. Raises `InvalidInput`.

        A ``collection`` or ``document_ids`` bound what it can read: tables elsewhere are not there for it.
        """
        if not 1 <= limit <= MOST_ROWS:
            raise InvalidInput(f"The number of rows must be between 1 and {MOST_ROWS}, not {limit}.")
        if collection is None and document_ids is None:
            return self._index.query(sql, limit=limit)
        inside = {info.document_id for info in self.describe(collection=collection)}
        wanted = inside if document_ids is None else inside & set(document_ids)
        return self._index.query(sql, limit=limit, document_ids=sorted(wanted))
