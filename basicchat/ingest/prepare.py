"""From what a loader read to what the store keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from basicchat.core.errors import UnreadableDocument
from basicchat.core.types import Chunk, Document, LoadedDocument, Page, Table
from basicchat.ingest.identity import document_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from: everything about it that is not in its text."""

    collection: str
    source: str
    digest: str
    added_at: float
    stored_as: str | None = None

    def identity(self, external_id: str | None = None) -> str:
        """The id of the document that this origin gives."""
        return document_id(self.collection, self.digest, external_id=external_id)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with its pages, passages and tables, ready to be written."""

    document: Document
    pages: Sequence[Page]
    chunks: Sequence[Chunk]
    tables: Sequence[Table] = ()


def prepare(
    loaded: LoadedDocument,
    origin: Origin,
    *,
    cut: Callable[[str, Sequence[Page]], Sequence[Chunk]],
    warnings: tuple[str, ...] = (),
) -> Prepared:
    """Cut a cleaned document and give it its identity. Raises `UnreadableDocument` if there is nothing to cut."""
    identity = origin.identity(loaded.external_id)
    chunks = cut(identity, loaded.pages)
    if not chunks:
        raise UnreadableDocument("The file holds no text.")
    document = Document(
        id=identity,
        collection=origin.collection,
        source=origin.source,
        title=loaded.title,
        media_type=loaded.media_type,
        digest=origin.digest,
        page_count=len(loaded.pages),
        chunk_count=len(chunks),
        added_at=origin.added_at,
        external_id=loaded.external_id,
        stored_as=origin.stored_as,
        metadata=loaded.metadata,
        warnings=warnings,
    )
    return Prepared(document, loaded.pages, chunks, loaded.tables)
