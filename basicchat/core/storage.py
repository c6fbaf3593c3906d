"""The seams of the store, where SQL is the truth: the part of `basicchat.core.protocols` that is about what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from basicchat.core.filters import Filter, PageRange
from basicchat.core.types import (
    Chunk,
    ChunkVersion,
    Conversation,
    Document,
    Entry,
    FileState,
    Json,
    Page,
    Removal,
    Table,
    Turn,
    WatchedFolder,
)

Vector = Sequence[float]
"""A unit vector. Adapters hand out numpy float32 rows; anything that indexes like a list will do."""


class Documents(Protocol):
    """Documents, their sources, pages, chunks and vectors, inside one transaction."""

    def add(
        self, document: Document, pages: Sequence[Page], chunks: Sequence[Chunk], tables: Sequence[Table] = ()
    ) -> None:
        """Add a document with ``indexed=False`` and remember its source. Adding the same id again changes nothing."""

    def get(self, document_id: str) -> Document | None:
        """The document, or None."""

    def many(self, document_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by id."""

    def find(self, collection: str | None = None, *, limit: int | None = None, offset: int = 0) -> list[Document]:
        """Documents by the time they were added, newest first."""

    def entries(self, collection: str | None = None) -> list[Entry]:
        """Every source of every document, newest document first, then by source."""

    def count(self, collection: str | None = None) -> int:
        """How many documents."""

    def fitting(self, collection: str, wanted: Filter) -> list[str]:
        """Ids of the documents of a collection that fit, sorted; what the filter says of pages is not looked at."""

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        """Give a document exactly these tags. Raises `NotFound`."""

    def tags(self) -> dict[str, int]:
        """How many documents have each tag."""

    def collections(self) -> list[str]:
        """Names of the collections that hold documents, sorted."""

    def sources(self, collection: str, source: str) -> list[str]:
        """Ids of the documents that this source gave, in the order of the source."""

    def link_source(self, collection: str, source: str, document_ids: Sequence[str]) -> list[str]:
        """Say that this source now gives exactly these documents.

        Returns the ids of documents that no source gives any more; the caller removes them. A document that was
        called by this source and is still given by others is called by the first of those from now on.
        """

    def sources_under(self, collection: str, prefix: str) -> list[str]:
        """Sources of a collection that begin with these characters, sorted."""

    def sources_of(self, document_id: str) -> list[str]:
        """Every source that gives this document, sorted."""

    def mark_indexed(self, document_ids: Sequence[str], indexed: bool = True) -> None:
        """Say that the projections hold these documents."""

    def stored(self) -> dict[str, str]:
        """The digest of every kept original that a document names, by its path."""

    def unindexed(self) -> list[Document]:
        """Documents that the projections may not hold."""

    def remove(self, document_id: str) -> None:
        """Forget the document, its sources, pages, chunks and tables. No error if there is none.

        What is left to do elsewhere is remembered as a `Removal` of the same transaction.
        """

    def removals(self) -> list[Removal]:
        """Removals that are not known to be finished, oldest first."""

    def finish_removal(self, document_id: str) -> None:
        """Say that nothing is left of a removed document. No error if there is no such removal."""

    def tables(self, document_id: str) -> list[Table]:
        """The tables of a document, in order."""

    def edit_chunk(self, chunk_id: str, text: str, *, at: float) -> Chunk:
        """Give a chunk another text and keep the one it had. The text of version 0 undoes every edit.

        Returns the chunk as it is now. Raises `NotFound`.
        """

    def chunk_history(self, chunk_id: str) -> list[ChunkVersion]:
        """Every text the chunk had, from version 0 to the one it has. Raises `NotFound`."""

    def edit_histories(self, document_id: str) -> dict[str, list[ChunkVersion]]:
        """Every text that a chunk had, by chunk id, of those chunks of a document that were ever edited."""

    def edited_chunks(self, collection: str) -> list[Chunk]:
        """Chunks of a collection whose text is not the one that was read, by document and ordinal."""

    def pages(self, document_id: str) -> list[Page]:
        """Pages in order."""

    def page(self, document_id: str, number: int) -> Page | None:
        """One page."""

    def chunks(self, document_id: str) -> list[Chunk]:
        """Chunks in order."""

    def chunks_by_id(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """Those of the chunks that exist, by id."""

    def chunks_within(
        self, document_ids: Sequence[str], *, pages: Sequence[PageRange] = (), limit: int | None = None
    ) -> list[str]:
        """Ids of the chunks of documents, of these pages alone where there are any, ``limit`` at most, in any order."""

    def neighbours(self, chunk: Chunk, distance: int = 1) -> list[Chunk]:
        """Chunks of the same page at most ``distance`` ordinals away, in order, without the chunk itself."""

    def stamp(self, collection: str) -> str:
        """A word that is another after every change of a collection that an answer may show, never one it was before.

        A document added, removed, renamed, tagged or indexed, a passage edited: each changes the stamp within its
        own transaction. Empty for a collection that has none yet.
        """

    def touch(self, collection: str) -> None:
        """Give a collection another stamp."""

    def chunk_ids(self, collection: str) -> set[str]:
        """Every chunk id of a collection."""

    def chunk_owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk of a collection by chunk id, for the doctor."""

    def with_tables(self) -> set[str]:
        """Ids of the documents that have tables, for the doctor."""

    def vectors(self, embedder: str, digests: Sequence[str]) -> dict[str, Vector]:
        """Kept vectors by the sha256 of the text that was embedded."""

    def keep_vectors(self, embedder: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by the sha256 of the text that was embedded."""

    def embedders(self) -> list[str]:
        """Names of the embedders of which vectors are kept, sorted."""

    def kept(self, embedder: str) -> set[str]:
        """The digests of every vector that is kept of an embedder."""

    def forget_vectors(self, embedder: str, digests: Iterable[str]) -> None:
        """Forget kept vectors. No error for unknown ones."""


class Conversations(Protocol):
    """Kept conversations, inside one transaction."""

    def add(self, conversation: Conversation) -> None:
        """Add, or change the title and times of one with the same id."""

    def get(self, conversation_id: str) -> Conversation | None:
        """The conversation, or None."""

    def find(self, *, limit: int = 200) -> list[Conversation]:
        """Newest first by ``updated_at``."""

    def remove(self, conversation_id: str) -> None:
        """Forget it and its turns. No error if there is none."""

    def add_turn(self, conversation_id: str, turn: Turn) -> None:
        """Append a turn, or replace the one with the same id, and touch the conversation."""

    def turns(self, conversation_id: str) -> list[Turn]:
        """Turns in the order they were added."""


class Folders(Protocol):
    """Watched folders and what is known of their files, inside one transaction."""

    def add(self, folder: WatchedFolder) -> None:
        """Add, or replace the one with the same id."""

    def get(self, folder_id: str) -> WatchedFolder | None:
        """The folder, or None."""

    def find(self) -> list[WatchedFolder]:
        """Every watched folder, by path."""

    def remove(self, folder_id: str) -> None:
        """Forget the folder and what is known of its files; documents stay. No error if there is none."""

    def files(self, folder_id: str) -> dict[str, FileState]:
        """What is known of its files, by path."""

    def keep_files(self, folder_id: str, states: Sequence[FileState]) -> None:
        """Remember files, replacing what was known of the same paths. Raises `NotFound` for an unknown folder."""

    def forget_files(self, folder_id: str, paths: Sequence[str]) -> None:
        """Forget files. No error for unknown ones."""


class UnitOfWork(Protocol):
    """A transaction over the store: commits at the end of a clean ``with`` block, rolls back on an error."""

    @property
    def documents(self) -> Documents:
        """The library."""

    @property
    def conversations(self) -> Conversations:
        """The chats."""

    @property
    def folders(self) -> Folders:
        """The watched folders."""

    def get_value(self, name: str) -> Json:
        """A small named value, None if never set."""

    def set_value(self, name: str, value: Json) -> None:
        """Keep a small named value."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Store(Protocol):
    """Opens transactions. Each `begin` gives a fresh unit of work for one thread; they may run side by side."""

    def begin(self) -> UnitOfWork:
        """A new transaction, for use in a ``with``."""

    def check(self) -> list[str]:
        """Sentences about what is wrong with the files of the store; empty when all is well."""

    def snapshot(self, target: Path) -> None:
        """Write all that is committed, as of one moment, to a file that a store of this kind opens.

        Nobody who reads or writes waits for it. A file that is there is replaced. Raises `StoreError`.
        """

    def close(self) -> None:
        """Release files. Further use raises `StoreError`."""
