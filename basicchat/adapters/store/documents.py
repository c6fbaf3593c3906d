"""Documents, their sources, pages, chunks and vectors in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from sqlalchemy import Select, delete, func, insert, select, update

from basicchat.adapters.store import rows
from basicchat.adapters.store.connection import Transaction, batches
from basicchat.adapters.store.schema import chunks, documents, pages, sources, vectors
from basicchat.core.errors import NotFound
from basicchat.core.protocols import Vector
from basicchat.core.types import Chunk, Document, Page

VECTOR_TYPE = np.dtype("<f4")  # the byte order is fixed, so that a library can move between machines


class SqlDocuments:
    """The library inside one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, document: Document, pages_: Sequence[Page], chunks_: Sequence[Chunk]) -> None:
        """Add a document with ``indexed=False`` and remember its source. Adding the same id again changes nothing."""
        transaction = self._transaction
        transaction.begin_writing()
        if self.get(document.id) is not None:
            return
        transaction.write(insert(documents), [rows.document_row(document)])
        transaction.write(insert(pages), (rows.page_row(document.id, page) for page in pages_))
        transaction.write(insert(chunks), (rows.chunk_row(chunk) for chunk in chunks_))
        self._append_source(document)

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

    def count(self, collection: str | None = None) -> int:
        """How many documents."""
        query = select(func.count()).select_from(documents)
        if collection is not None:
            query = query.where(documents.c.collection == collection)
        return int(self._transaction.values(query)[0])

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
        given: set[str] = set()
        for batch in batches(before):
            given.update(
                self._transaction.values(select(sources.c.document_id).where(sources.c.document_id.in_(batch)))
            )
        return [document_id for document_id in before if document_id not in given]

    def sources_of(self, document_id: str) -> list[str]:
        """Every source that gives this document, sorted."""
        return sorted(self._transaction.values(select(sources.c.source).where(sources.c.document_id == document_id)))

    def mark_indexed(self, document_ids: Sequence[str], indexed: bool = True) -> None:
        """Say that the projections hold these documents."""
        for batch in batches(document_ids):
            self._transaction.write(update(documents).where(documents.c.id.in_(batch)).values(indexed=indexed))

    def unindexed(self) -> list[Document]:
        """Documents that the projections may not hold, newest first."""
        query = select(documents).where(documents.c.indexed.is_(False))
        return self._documents(query.order_by(documents.c.added_at.desc(), documents.c.id))

    def remove(self, document_id: str) -> None:
        """Forget the document, its sources, pages and chunks. No error if there is none."""
        self._transaction.write(delete(documents).where(documents.c.id == document_id))

    def pages(self, document_id: str) -> list[Page]:
        """Pages in order."""
        query = select(pages).where(pages.c.document_id == document_id).order_by(pages.c.number)
        return [rows.page_from(row) for row in self._transaction.rows(query)]

    def page(self, document_id: str, number: int) -> Page | None:
        """One page."""
        query = select(pages).where(pages.c.document_id == document_id, pages.c.number == number)
        row = self._transaction.row(query)
        return None if row is None else rows.page_from(row)

    def chunks(self, document_id: str) -> list[Chunk]:
        """Chunks in order."""
        return self._chunks(select(chunks).where(chunks.c.document_id == document_id))

    def chunks_by_id(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of the chunks that exist, by id."""
        found: dict[str, Chunk] = {}
        for batch in batches(chunk_ids):
            for row in self._transaction.rows(select(chunks).where(chunks.c.id.in_(batch))):
                found[row["id"]] = rows.chunk_from(row)
        return found

    def neighbours(self, chunk: Chunk, distance: int = 1) -> list[Chunk]:
        """Chunks of the same page at most ``distance`` ordinals away, in order, without the chunk itself."""
        query = select(chunks).where(
            chunks.c.document_id == chunk.document_id,
            chunks.c.ordinal.between(chunk.ordinal - distance, chunk.ordinal + distance),
            chunks.c.page == chunk.page,
            chunks.c.id != chunk.id,
        )
        return self._chunks(query)

    def chunk_ids(self, collection: str) -> set[str]:
        """Every chunk id of a collection, for the doctor."""
        query = select(chunks.c.id).join(documents).where(documents.c.collection == collection)
        return set(self._transaction.values(query))

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
            self._transaction.write(delete(vectors).where(vectors.c.embedder == embedder, vectors.c.digest.in_(batch)))
            self._transaction.write(
                insert(vectors),
                (
                    {
                        "embedder": embedder,
                        "digest": digest,
                        "vector": np.asarray(vectors_[digest], VECTOR_TYPE).tobytes(),
                    }
                    for digest in batch
                ),
            )

    def _documents(self, query: Select[*tuple[object, ...]]) -> list[Document]:
        return [rows.document_from(row) for row in self._transaction.rows(query)]

    def _chunks(self, query: Select[*tuple[object, ...]]) -> list[Chunk]:
        return [rows.chunk_from(row) for row in self._transaction.rows(query.order_by(chunks.c.ordinal))]

    def _existing(self, document_ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for batch in batches(document_ids):
            found.update(self._transaction.values(select(documents.c.id).where(documents.c.id.in_(batch))))
        return found

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
