"""A store in memory that behaves as the SQL one does: isolated readers, one writer at a time, rollback."""

from __future__ import annotations

import pickle
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from basicchat.core.errors import NotFound, StoreError
from basicchat.core.filters import Filter, PageRange, fits, on_pages
from basicchat.core.protocols import Conversations, Documents, Folders, Vector
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

WRITER_WAIT_SECONDS = 5.0  # as long as the SQL store waits for another writer


@dataclass
class _State:
    """Everything the store holds. Values are never changed in place, so a shallow copy is a snapshot."""

    documents: dict[str, Document] = field(default_factory=dict)
    sources: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    pages: dict[str, tuple[Page, ...]] = field(default_factory=dict)
    chunks: dict[str, tuple[Chunk, ...]] = field(default_factory=dict)
    chunk_index: dict[str, Chunk] = field(default_factory=dict)
    versions: dict[str, tuple[ChunkVersion, ...]] = field(default_factory=dict)
    tables: dict[str, tuple[Table, ...]] = field(default_factory=dict)
    removals: dict[str, Removal] = field(default_factory=dict)
    vectors: dict[tuple[str, str], Vector] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    turns: dict[str, tuple[Turn, ...]] = field(default_factory=dict)
    folders: dict[str, WatchedFolder] = field(default_factory=dict)
    files: dict[str, dict[str, FileState]] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)

    def copy(self) -> _State:
        return _State(**{name: dict(value) for name, value in vars(self).items()})


class MemoryStore:
    """Keeps everything in dictionaries. Gone when the process ends."""

    def __init__(self) -> None:
        self._state = _State()
        self._writer = threading.Lock()
        self._closed = False

    def begin(self) -> MemoryUnitOfWork:
        """A new transaction, for use in a ``with``."""
        if self._closed:
            raise StoreError("The store is closed.")
        return MemoryUnitOfWork(self)

    def check(self) -> list[str]:
        """Nothing can be wrong with files that are not there."""
        if self._closed:
            raise StoreError("The store is closed.")
        return []

    def snapshot(self, target: Path) -> None:
        """Write everything to a file that `opened` reads."""
        target.write_bytes(pickle.dumps(self._state))

    @classmethod
    def opened(cls, file: Path) -> MemoryStore:
        """A store with what a snapshot holds."""
        store = cls()
        store._state = pickle.loads(file.read_bytes())  # noqa: S301 - a file of our own, in tests
        return store

    def close(self) -> None:
        """Further use raises `StoreError`."""
        self._closed = True

    def committed(self) -> _State:
        """The state that new readers see."""
        return self._state

    def lock_writer(self) -> _State:
        """Wait for other writers, then give a private copy of the state to change."""
        if not self._writer.acquire(timeout=WRITER_WAIT_SECONDS):
            raise StoreError("The library is busy: another change takes too long.", hint="Try again.")
        return self._state.copy()

    def release_writer(self, state: _State | None) -> None:
        """Publish ``state``, or throw the changes away if it is None."""
        if state is not None:
            self._state = state
        self._writer.release()


class MemoryUnitOfWork:
    """A transaction: readers see the state as it was when they began, changes appear at the end."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._state = store.committed()
        self._writing = False

    def __enter__(self) -> Self:
        self._state = self._store.committed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing:
            self._writing = False
            self._store.release_writer(self._state if error is None else None)

    def read(self) -> _State:
        """The state as this transaction sees it."""
        return self._state

    def write(self) -> _State:
        """The state to change; the first call waits for other writers."""
        if not self._writing:
            self._state = self._store.lock_writer()
            self._writing = True
        return self._state

    @property
    def documents(self) -> Documents:
        """The library."""
        return _MemoryDocuments(self)

    @property
    def conversations(self) -> Conversations:
        """The chats."""
        return _MemoryConversations(self)

    @property
    def folders(self) -> Folders:
        """The watched folders."""
        return _MemoryFolders(self)

    def get_value(self, name: str) -> Json:
        """A small named value, None if never set."""
        return self._state.values.get(name)

    def set_value(self, name: str, value: Json) -> None:
        """Keep a small named value."""
        self.write().values[name] = value


class _MemoryDocuments:
    def __init__(self, unit: MemoryUnitOfWork) -> None:
        self._unit = unit

    def add(
        self, document: Document, pages: Sequence[Page], chunks: Sequence[Chunk], tables: Sequence[Table] = ()
    ) -> None:
        state = self._unit.write()
        if document.id in state.documents:
            return
        if any(chunk.id in state.chunk_index for chunk in chunks):
            raise StoreError("A passage with this id belongs to another document.")
        state.documents[document.id] = replace(document, indexed=False)
        state.pages[document.id] = tuple(sorted(pages, key=lambda page: page.number))
        state.chunks[document.id] = tuple(sorted(chunks, key=lambda chunk: chunk.ordinal))
        state.chunk_index.update({chunk.id: chunk for chunk in chunks})
        state.tables[document.id] = tuple(tables)
        key = (document.collection, document.source)
        state.sources[key] = (*state.sources.get(key, ()), document.id)
        self.touch(document.collection)

    def stamp(self, collection: str) -> str:
        return str(self._unit.read().values.get(f"stamp:{collection}", ""))

    def touch(self, collection: str) -> None:
        self._unit.write().values[f"stamp:{collection}"] = secrets.token_hex(8)

    def get(self, document_id: str) -> Document | None:
        return self._unit.read().documents.get(document_id)

    def many(self, document_ids: Sequence[str]) -> dict[str, Document]:
        known = self._unit.read().documents
        return {key: known[key] for key in document_ids if key in known}

    def find(self, collection: str | None = None, *, limit: int | None = None, offset: int = 0) -> list[Document]:
        found = [d for d in self._unit.read().documents.values() if collection in (None, d.collection)]
        found.sort(key=lambda document: (-document.added_at, document.id))
        return found[offset:] if limit is None else found[offset : offset + limit]

    def entries(self, collection: str | None = None) -> list[Entry]:
        return [
            Entry(document, source) for document in self.find(collection) for source in self.sources_of(document.id)
        ]

    def fitting(self, collection: str, wanted: Filter) -> list[str]:
        return sorted(each.id for each in self.find(collection) if fits(each, self.sources_of(each.id), wanted))

    def set_tags(self, document_id: str, tags: Sequence[str]) -> None:
        state = self._unit.write()
        if document_id not in state.documents:
            raise NotFound(f"There is no document {document_id}.")
        state.documents[document_id] = replace(state.documents[document_id], tags=tuple(dict.fromkeys(tags)))
        self.touch(state.documents[document_id].collection)

    def tags(self) -> dict[str, int]:
        return dict(Counter(tag for document in self._unit.read().documents.values() for tag in document.tags))

    def count(self, collection: str | None = None) -> int:
        return len(self.find(collection))

    def collections(self) -> list[str]:
        return sorted({document.collection for document in self._unit.read().documents.values()})

    def sources(self, collection: str, source: str) -> list[str]:
        return list(self._unit.read().sources.get((collection, source), ()))

    def link_source(self, collection: str, source: str, document_ids: Sequence[str]) -> list[str]:
        state = self._unit.write()
        wanted = tuple(dict.fromkeys(document_ids))
        for document_id in wanted:
            if document_id not in state.documents:
                raise NotFound(f"There is no document {document_id}.")
        before = state.sources.pop((collection, source), ())
        if wanted:
            state.sources[collection, source] = wanted
        if wanted != before:
            self.touch(collection)
        given = {document_id for ids in state.sources.values() for document_id in ids}
        for document_id in before:
            document = state.documents[document_id]
            left = sorted(name for (_, name), ids in state.sources.items() if document_id in ids)
            if document.source == source and left and source not in left:
                state.documents[document_id] = replace(document, source=left[0])
        return [document_id for document_id in before if document_id not in given]

    def sources_under(self, collection: str, prefix: str) -> list[str]:
        known = self._unit.read().sources.items()
        return sorted(
            source for (held, source), ids in known if ids and held == collection and source.startswith(prefix)
        )

    def sources_of(self, document_id: str) -> list[str]:
        return sorted(source for (_, source), ids in self._unit.read().sources.items() if document_id in ids)

    def mark_indexed(self, document_ids: Sequence[str], indexed: bool = True) -> None:
        state = self._unit.write()
        for document_id in document_ids:
            if document_id in state.documents:
                state.documents[document_id] = replace(state.documents[document_id], indexed=indexed)
                self.touch(state.documents[document_id].collection)

    def stored(self) -> dict[str, str]:
        return {each.stored_as: each.digest for each in self._unit.read().documents.values() if each.stored_as}

    def unindexed(self) -> list[Document]:
        return [document for document in self.find() if not document.indexed]

    def remove(self, document_id: str) -> None:
        state = self._unit.write()
        document = state.documents.pop(document_id, None)
        if document is None:
            return
        self.touch(document.collection)
        state.pages.pop(document_id, None)
        state.tables.pop(document_id, None)
        for chunk in state.chunks.pop(document_id, ()):
            del state.chunk_index[chunk.id]
            state.versions.pop(chunk.id, None)
        for key, ids in list(state.sources.items()):
            state.sources[key] = tuple(other for other in ids if other != document_id)
        state.removals[document_id] = Removal(document_id, document.collection, document.stored_as, time.time())

    def removals(self) -> list[Removal]:
        found = self._unit.read().removals.values()
        return sorted(found, key=lambda removal: (removal.removed_at, removal.document_id))

    def finish_removal(self, document_id: str) -> None:
        self._unit.write().removals.pop(document_id, None)

    def tables(self, document_id: str) -> list[Table]:
        return list(self._unit.read().tables.get(document_id, ()))

    def with_tables(self) -> set[str]:
        return {document_id for document_id, tables in self._unit.read().tables.items() if tables}

    def pages(self, document_id: str) -> list[Page]:
        return list(self._unit.read().pages.get(document_id, ()))

    def page(self, document_id: str, number: int) -> Page | None:
        return next((page for page in self.pages(document_id) if page.number == number), None)

    def chunks(self, document_id: str) -> list[Chunk]:
        return list(self._unit.read().chunks.get(document_id, ()))

    def chunks_by_id(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        known = self._unit.read().chunk_index
        return {key: known[key] for key in chunk_ids if key in known}

    def chunks_within(
        self, document_ids: Sequence[str], *, pages: Sequence[PageRange] = (), limit: int | None = None
    ) -> list[str]:
        every = (chunk for each in document_ids for chunk in self.chunks(each))
        return [chunk.id for chunk in every if not pages or on_pages(chunk.page, pages)][:limit]

    def neighbours(self, chunk: Chunk, distance: int = 1) -> list[Chunk]:
        return [
            other
            for other in self.chunks(chunk.document_id)
            if other.page == chunk.page and other.id != chunk.id and abs(other.ordinal - chunk.ordinal) <= distance
        ]

    def chunk_ids(self, collection: str) -> set[str]:
        return set(self.chunk_owners(collection))

    def chunk_owners(self, collection: str) -> dict[str, str]:
        return {chunk.id: document.id for document in self.find(collection) for chunk in self.chunks(document.id)}

    def edit_chunk(self, chunk_id: str, text: str, *, at: float) -> Chunk:
        state = self._unit.write()
        history = self.chunk_history(chunk_id)
        before = state.chunk_index[chunk_id]
        if text == before.text:
            return before
        after = replace(before, text=text, edited=text != history[0].text)
        state.versions[chunk_id] = (*history, ChunkVersion(history[-1].version + 1, text, at))
        state.chunk_index[chunk_id] = after
        same = state.chunks[before.document_id]
        state.chunks[before.document_id] = tuple(after if chunk.id == chunk_id else chunk for chunk in same)
        self.touch(state.documents[before.document_id].collection)
        return after

    def edit_histories(self, document_id: str) -> dict[str, list[ChunkVersion]]:
        versions = self._unit.read().versions
        return {each.id: list(versions[each.id]) for each in self.chunks(document_id) if each.id in versions}

    def edited_chunks(self, collection: str) -> list[Chunk]:
        found = [chunk for each in self.find(collection) for chunk in self.chunks(each.id) if chunk.edited]
        return sorted(found, key=lambda chunk: (chunk.document_id, chunk.ordinal))

    def chunk_history(self, chunk_id: str) -> list[ChunkVersion]:
        state = self._unit.read()
        chunk = state.chunk_index.get(chunk_id)
        if chunk is None:
            raise NotFound(f"There is no passage {chunk_id}.")
        unedited = ChunkVersion(0, chunk.text, state.documents[chunk.document_id].added_at)
        return list(state.versions.get(chunk_id, (unedited,)))

    def vectors(self, embedder: str, digests: Sequence[str]) -> dict[str, Vector]:
        known = self._unit.read().vectors
        return {digest: known[embedder, digest] for digest in digests if (embedder, digest) in known}

    def keep_vectors(self, embedder: str, vectors: Mapping[str, Vector]) -> None:
        self._unit.write().vectors.update({(embedder, digest): vector for digest, vector in vectors.items()})

    def embedders(self) -> list[str]:
        return sorted({embedder for embedder, _ in self._unit.read().vectors})

    def kept(self, embedder: str) -> set[str]:
        return {digest for name, digest in self._unit.read().vectors if name == embedder}

    def forget_vectors(self, embedder: str, digests: Iterable[str]) -> None:
        state = self._unit.write()
        for digest in digests:
            state.vectors.pop((embedder, digest), None)


class _MemoryFolders:
    def __init__(self, unit: MemoryUnitOfWork) -> None:
        self._unit = unit

    def add(self, folder: WatchedFolder) -> None:
        self._unit.write().folders[folder.id] = folder

    def get(self, folder_id: str) -> WatchedFolder | None:
        return self._unit.read().folders.get(folder_id)

    def find(self) -> list[WatchedFolder]:
        return sorted(self._unit.read().folders.values(), key=lambda folder: (folder.path, folder.id))

    def remove(self, folder_id: str) -> None:
        state = self._unit.write()
        state.folders.pop(folder_id, None)
        state.files.pop(folder_id, None)

    def files(self, folder_id: str) -> dict[str, FileState]:
        return dict(self._unit.read().files.get(folder_id, {}))

    def keep_files(self, folder_id: str, states: Sequence[FileState]) -> None:
        state = self._unit.write()
        if folder_id not in state.folders:
            raise NotFound(f"There is no watched folder {folder_id}.")
        state.files[folder_id] = self.files(folder_id) | {each.path: each for each in states}

    def forget_files(self, folder_id: str, paths: Sequence[str]) -> None:
        files, gone = self._unit.write().files, set(paths)
        files[folder_id] = {path: known for path, known in self.files(folder_id).items() if path not in gone}


class _MemoryConversations:
    def __init__(self, unit: MemoryUnitOfWork) -> None:
        self._unit = unit

    def add(self, conversation: Conversation) -> None:
        self._unit.write().conversations[conversation.id] = conversation

    def get(self, conversation_id: str) -> Conversation | None:
        return self._unit.read().conversations.get(conversation_id)

    def find(self, *, limit: int = 200) -> list[Conversation]:
        found = sorted(self._unit.read().conversations.values(), key=lambda each: (-each.updated_at, each.id))
        return found[:limit]

    def remove(self, conversation_id: str) -> None:
        state = self._unit.write()
        state.conversations.pop(conversation_id, None)
        state.turns.pop(conversation_id, None)

    def add_turn(self, conversation_id: str, turn: Turn) -> None:
        state = self._unit.write()
        conversation = state.conversations.get(conversation_id)
        if conversation is None:
            raise NotFound(f"There is no conversation {conversation_id}.")
        turns = state.turns.get(conversation_id, ())
        if any(kept.id == turn.id for kept in turns):
            state.turns[conversation_id] = tuple(turn if kept.id == turn.id else kept for kept in turns)
        else:
            state.turns[conversation_id] = (*turns, turn)
        touched = max(conversation.updated_at, turn.created_at)
        state.conversations[conversation_id] = replace(conversation, updated_at=touched)

    def turns(self, conversation_id: str) -> list[Turn]:
        return list(self._unit.read().turns.get(conversation_id, ()))
