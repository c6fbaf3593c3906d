"""Documents in SQL: their sources, tags and removal. Their contents and vectors are in modules of their own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Select, delete, func, insert, select, update

from basicchat.adapters.store import filters, rows
from basicchat.adapters.store.connection import batches
from basicchat.adapters.store.contents import SqlContents
from basicchat.adapters.store.schema import chunks, documents, pages, removals, sources, tables
from basicchat.adapters.store.vectors import SqlVectors
from basicchat.core.errors import NotFound
from basicchat.core.filters import Filter
from basicchat.core.types import Chunk, Document, Entry, Page, Removal, Table


class SqlDocuments(SqlContents, SqlVectors):
    """The library inside one transaction."""

    def add(
        self, document: Document, pages_: Sequence[Page], chunks_: Sequence[Chunk], tables_: Sequence[Table] = ()
    ) -> None:
        """Add a document with ``indexed=False`` and remember its source. Adding the same id again changes nothing."""
        transaction = self._transaction
        transaction.begin_writing()
        if self.get(document.id) is not None:
            return
        transaction.write(insert(documents), [rows.document_row(document)])
        transaction.write(insert(pages), (rows.page_row(document.id, page) for page in pages_))
        transaction.write(insert(chunks), (rows.chunk_row(chunk) for chunk in chunks_))
        numbered = enumerate(tables_)
        transaction.write(insert(tables), (rows.table_row(document.id, ordinal, table) for ordinal, table in numbered))
        self._append_source(document)
        self.touch(document.collection)

    def get(self, document_id: str) -> Document | None:
        """The document, or None."""
        row = self._transaction.row(select(documents).where(documents.c.id == document_id))
        return None if row is None else rows.document_from(row)

    def many(self, document_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by id."""
        found: dict[str, Document] = {}
        for batch in batches(document_ids):
            for row in self._transaction.rows(select(documents).where(documents.c.id.in_(batch))):
                found[row["id"]] = rows.document_from(row)
        return found

    def find(self, collection: str | None = None, *, limit: int | None = None, offset: int = 0) -> list[Document]:
        """Documents by the time they were added, newest first, then by id."""
        query = select(documents).order_by(documents.c.added_at.desc(), documents.c.id)
        if collection is not None:
            query = query.where(documents.c.collection == collection)
        return self._documents(query.limit(limit).offset(offset))

    def entries(self, collection: str | None = None) -> list[Entry]:
        """Every source of every document, newest document first, then by source."""
        query = select(documents, sources.c.source.label("entry_source")).join(sources)
        if collection is not None:
            query = query.where(documents.c.collection == collection)
        query = query.order_by(documents.c.added_at.desc(), documents.c.id, sources.c.source)
        return [Entry(rows.document_from(row), row["entry_source"]) for row in self._transaction.rows(query)]

    def fitting(self, collection: str, wanted: Filter) -> list[str]:
        """Ids of the documents of a collection that fit, sorted; what the filter says of pages is not looked at."""
        return self._transaction.values(filters.fitting(collection, wanted))

    def count(self, collection: str | None = None) -> int:
        """How many documents."""
        query = select(func.count()).select_from(documents)
        if collection is not None:
            query = query.where(documents.c.collection == collection)
        return int(self._transaction.values(query)[0])

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document exactly these tags, each once. Raises `NotFound`."""
        self._transaction.begin_writing()
        if not self._existing([document_id]):
            raise NotFound(f"There is no document {document_id}.")
        unique = list(dict.fromkeys(tags))
        self._transaction.write(update(documents).where(documents.c.id == document_id).values(tags=unique))
        self._touch_documents(document_id)

    def tags(self) -> dict[str, int]:
        """How many documents have each tag."""
        return dict(Counter(tag for tags in self._transaction.values(select(documents.c.tags)) for tag in tags))

    def collections(self) -> list[str]:
        """Names of the collections that hold documents, sorted."""
        return sorted(self._transaction.values(select(documents.c.collection).distinct()))

    def sources(self, collection: str, source: str) -> list[str]:
        """Ids of the documents that this source gave, in the order of the source."""
        query = select(sources.c.document_id).where(sources.c.collection == collection, sources.c.source == source)
        return self._transaction.values(query.order_by(sources.c.ordinal))

    def link_source(self, collection: str, source: str, document_ids: Sequence[str]) -> list[str]:
        """Say that this source now gives exactly these documents. Raises `NotFound` for an unknown one.

        Returns the ids of documents that no source gives any more, in the order of the source.
        """
        self._transaction.begin_writing()
        wanted = list(dict.fromkeys(document_ids))
        known = self._existing(wanted)
        for document_id in wanted:
            if document_id not in known:
                raise NotFound(f"There is no document {document_id}.")
        before = self.sources(collection, source)
        self._write_sources(collection, source, wanted)
        if before != wanted:
            self.touch(collection)
        given: set[str] = set()
        for batch in batches(before):
            given.update(
                self._transaction.values(select(sources.c.document_id).where(sources.c.document_id.in_(batch)))
            )
        self._rename(
            source, [document_id for document_id in before if document_id in given and document_id not in known]
        )
        return [document_id for document_id in before if document_id not in given]

    def sources_under(self, collection: str, prefix: str) -> list[str]:
        """Sources of a collection that begin with these characters, sorted."""
        under = (sources.c.source >= prefix, func.substr(sources.c.source, 1, len(prefix)) == prefix)
        query = select(sources.c.source).distinct().where(sources.c.collection == collection, *under)
        return sorted(self._transaction.values(query))

    def sources_of(self, document_id: str) -> list[str]:
        """Every source that gives this document, sorted."""
        return sorted(self._transaction.values(select(sources.c.source).where(sources.c.document_id == document_id)))

    def mark_indexed(self, document_ids: Sequence[str], indexed: bool = True) -> None:
        """Say that the projections hold these documents."""
        for batch in batches(document_ids):
            self._transaction.write(update(documents).where(documents.c.id.in_(batch)).values(indexed=indexed))
        self._touch_documents(*document_ids)

    def stored(self) -> dict[str, str]:
        """The digest of every kept original that a document names, by its path."""
        query = select(documents.c.stored_as, documents.c.digest).where(documents.c.stored_as.is_not(None))
        return {row["stored_as"]: row["digest"] for row in self._transaction.rows(query)}

    def unindexed(self) -> list[Document]:
        """Documents that the projections may not hold, newest first."""
        query = select(documents).where(documents.c.indexed.is_(False))
        return self._documents(query.order_by(documents.c.added_at.desc(), documents.c.id))

    def remove(self, document_id: str) -> None:
        """Forget the document, its sources, pages, chunks and tables. No error if there is none.

        What is left to do elsewhere is remembered as a `Removal` of the same transaction.
        """
        self._transaction.begin_writing()
        document = self.get(document_id)
        if document is None:
            return
        self._transaction.write(delete(documents).where(documents.c.id == document_id))
        self.touch(document.collection)
        self.finish_removal(document_id)
        left = {"document_id": document_id, "collection": document.collection, "stored_as": document.stored_as}
        self._transaction.write(insert(removals), [left | {"removed_at": time.time()}])

    def removals(self) -> list[Removal]:
        """Removals that are not known to be finished, oldest first."""
        query = select(removals).order_by(removals.c.removed_at, removals.c.document_id)
        return [rows.removal_from(row) for row in self._transaction.rows(query)]

    def finish_removal(self, document_id: str) -> None:
        """Say that nothing is left of a removed document. No error if there is no such removal."""
        self._transaction.write(delete(removals).where(removals.c.document_id == document_id))

    def _documents(self, query: Select[*tuple[object, ...]]) -> list[Document]:
        return [rows.document_from(row) for row in self._transaction.rows(query)]

    def _existing(self, document_ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for batch in batches(document_ids):
            found.update(self._transaction.values(select(documents.c.id).where(documents.c.id.in_(batch))))
        return found

    def _rename(self, source: str, document_ids: Sequence[str]) -> None:
        """Call documents by another of their sources, as this one does not give them any more."""
        for document_id in document_ids:
            left = self.sources_of(document_id)
            called = (documents.c.id == document_id, documents.c.source == source)
            self._transaction.write(update(documents).where(*called).values(source=left[0]))

    def _append_source(self, document: Document) -> None:
        """Remember one more document of a source. A record file adds thousands, so the others are left alone."""
        of_source = (sources.c.collection == document.collection, sources.c.source == document.source)
        last = self._transaction.values(select(func.max(sources.c.ordinal)).where(*of_source))[0]
        row = {"collection": document.collection, "source": document.source, "document_id": document.id}
        self._transaction.write(insert(sources), [row | {"ordinal": 0 if last is None else last + 1}])

    def _write_sources(self, collection: str, source: str, document_ids: Sequence[str]) -> None:
        self._transaction.write(delete(sources).where(sources.c.collection == collection, sources.c.source == source))
        self._transaction.write(
            insert(sources),
            (
                {"collection": collection, "source": source, "ordinal": ordinal, "document_id": document_id}
                for ordinal, document_id in enumerate(document_ids)
            ),
        )
