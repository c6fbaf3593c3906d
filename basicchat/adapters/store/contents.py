"""What documents hold, in SQL: pages, chunks with their earlier texts, tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Select, insert, select, update

from basicchat.adapters.store import rows
from basicchat.adapters.store.connection import batches
from basicchat.adapters.store.filters import on_pages
from basicchat.adapters.store.schema import chunk_versions, chunks, documents, pages, tables
from basicchat.adapters.store.stamps import SqlStamps
from basicchat.core.errors import NotFound
from basicchat.core.filters import PageRange
from basicchat.core.types import Chunk, ChunkVersion, Page, Table


class SqlContents(SqlStamps):
    """Pages, chunks and tables inside one transaction."""

    def pages(self, document_id: str) -> list[Page]:
        """Pages in order."""
        query = select(pages).where(pages.c.document_id == document_id).order_by(pages.c.number)
        return [rows.page_from(row) for row in self._transaction.rows(query)]

    def page(self, document_id: str, number: int) -> Page | None:
        """One page."""
        query = select(pages).where(pages.c.document_id == document_id, pages.c.number == number)
        row = self._transaction.row(query)
        return None if row is None else rows.page_from(row)

    def tables(self, document_id: str) -> list[Table]:
        """The tables of a document, in order."""
        query = select(tables).where(tables.c.document_id == document_id).order_by(tables.c.ordinal)
        return [rows.table_from(row) for row in self._transaction.rows(query)]

    def with_tables(self) -> set[str]:
        """Ids of the documents that have tables, for the doctor."""
        return set(self._transaction.values(select(tables.c.document_id).distinct()))

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

    def chunks_within(
        self, document_ids: Sequence[str], *, pages: Sequence[PageRange] = (), limit: int | None = None
    ) -> list[str]:
        """Ids of the chunks of documents, of these pages alone where there are any, ``limit`` at most, in any order."""
        found: list[str] = []
        for batch in batches(document_ids):
            query = select(chunks.c.id).where(chunks.c.document_id.in_(batch))
            if pages:
                query = query.where(on_pages(pages))
            if limit is not None:
                query = query.limit(limit - len(found))
            found += self._transaction.values(query)
            if limit is not None and len(found) >= limit:
                break
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
        """Every chunk id of a collection."""
        return set(self.chunk_owners(collection))

    def chunk_owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk of a collection, by chunk id."""
        query = select(chunks.c.id, chunks.c.document_id).join(documents).where(documents.c.collection == collection)
        return {row["id"]: row["document_id"] for row in self._transaction.rows(query)}

    def edit_chunk(self, chunk_id: str, text: str, *, at: float) -> Chunk:
        """Give a chunk another text and keep the one it had. The text of version 0 undoes every edit.

        Returns the chunk as it is now. Raises `NotFound`.
        """
        self._transaction.begin_writing()
        history = self.chunk_history(chunk_id)
        if text != history[-1].text:
            new = ChunkVersion(history[-1].version + 1, text, at)
            written = [*history, new] if len(history) == 1 else [new]  # version 0 is kept from the first edit on
            self._transaction.write(insert(chunk_versions), [rows.version_row(chunk_id, each) for each in written])
            changed = {"text": text, "edited": text != history[0].text}
            self._transaction.write(update(chunks).where(chunks.c.id == chunk_id).values(**changed))
            self._touch_chunk(chunk_id)
        return self.chunks_by_id([chunk_id])[chunk_id]

    def chunk_history(self, chunk_id: str) -> list[ChunkVersion]:
        """Every text the chunk had, from version 0 to the one it has. Raises `NotFound`."""
        query = select(chunk_versions).where(chunk_versions.c.chunk_id == chunk_id).order_by(chunk_versions.c.version)
        if found := self._transaction.rows(query):
            return [rows.version_from(row) for row in found]
        query = select(chunks.c.text, documents.c.added_at).join(documents).where(chunks.c.id == chunk_id)
        row = self._transaction.row(query)
        if row is None:
            raise NotFound(f"There is no passage {chunk_id}.")
        return [ChunkVersion(0, row["text"], float(row["added_at"]))]

    def edit_histories(self, document_id: str) -> dict[str, list[ChunkVersion]]:
        """Every text that a chunk had, by chunk id, of those chunks of a document that were ever edited."""
        query = select(chunk_versions).join(chunks).where(chunks.c.document_id == document_id)
        found: dict[str, list[ChunkVersion]] = defaultdict(list)
        for row in self._transaction.rows(query.order_by(chunk_versions.c.version)):
            found[row["chunk_id"]].append(rows.version_from(row))
        return dict(found)

    def edited_chunks(self, collection: str) -> list[Chunk]:
        """Chunks of a collection whose text is not the one that was read, by document and ordinal."""
        # Chunks that have versions are few; looking at every chunk would read every text.
        ever = select(chunk_versions.c.chunk_id).distinct()
        query = select(chunks).join(documents).where(documents.c.collection == collection, chunks.c.id.in_(ever))
        query = query.where(chunks.c.edited.is_(True)).order_by(chunks.c.document_id, chunks.c.ordinal)
        return [rows.chunk_from(row) for row in self._transaction.rows(query)]

    def _chunks(self, query: Select[*tuple[object, ...]]) -> list[Chunk]:
        return [rows.chunk_from(row) for row in self._transaction.rows(query.order_by(chunks.c.ordinal))]
