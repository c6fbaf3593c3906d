"""Stamps of collections in SQL: they change with what a collection holds, in the same transaction."""

from __future__ import annotations

import secrets
from functools import cached_property

from sqlalchemy import delete, insert, select

from basicchat.adapters.store.connection import Transaction, batches
from basicchat.adapters.store.schema import chunks, documents, named_values


class SqlStamps:
    """Stamps inside one transaction. They are drawn by chance, so that a restored library never counts up to one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @cached_property
    def _touched(self) -> set[str]:
        """Collections with another stamp already: one is enough for a transaction, however many rows it changes."""
        return set()

    def stamp(self, collection: str) -> str:
        """A word that is another after every change of a collection; empty for one that has none yet."""
        found = self._transaction.row(select(named_values.c.value).where(named_values.c.name == _name(collection)))
        return "" if found is None else str(found["value"])

    def touch(self, collection: str) -> None:
        """Give a collection another stamp."""
        if collection in self._touched:
            return
        self._touched.add(collection)
        row = {"name": _name(collection), "value": secrets.token_hex(8)}
        self._transaction.write(delete(named_values).where(named_values.c.name == row["name"]))
        self._transaction.write(insert(named_values), [row])

    def _touch_documents(self, *document_ids: str) -> None:
        """Give the collections of documents another stamp."""
        for batch in batches(document_ids):
            held = select(documents.c.collection).distinct().where(documents.c.id.in_(batch))
            for collection in self._transaction.values(held):
                self.touch(collection)

    def _touch_chunk(self, chunk_id: str) -> None:
        self._touch_documents(*self._transaction.values(select(chunks.c.document_id).where(chunks.c.id == chunk_id)))


def _name(collection: str) -> str:
    return f"stamp:{collection}"
