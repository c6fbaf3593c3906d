"""Keeping the library in order: tags, collections, finding entries, correcting passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal, Protocol, get_args

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.protocols import Store
from basicchat.core.types import Chunk, ChunkVersion, Document, Entry
from basicchat.ingest.formats import suffix_of
from basicchat.service.names import collection_name

TAG_LENGTH = 50
"""Characters of a tag."""

TEXT_LENGTH = 20_000
"""Characters of a corrected passage: many times what an embedder reads, so that nothing real is refused."""

State = Literal["ready", "unfinished", "warnings", "corrected"]
"""How a document stands: searchable, not wholly indexed yet, read with warnings, with passages that were corrected."""


class Caring(Protocol):
    """What changes documents in the store and in every index."""

    def edit(self, chunk: str, text: str) -> Chunk:
        """Give a passage another text. Raises `NotFound`."""

    def move(self, document_ids: Sequence[str], collection: str) -> list[str]:
        """Put documents into another collection; the ids that they have there. Raises `NotFound`."""

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents. Raises `NotFound`, and then nothing was forgotten."""

    def unlink(self, collection: str, source: str) -> int:
        """Say that a source gives nothing any more; how many documents went with it."""

    def sweep(self) -> int:
        """Finish removals; how many are left because something still fails."""


class Curation:
    """What people do to documents that are in the library."""

    def __init__(self, *, store: Store, care: Caring) -> None:
        self._store = store
        self._care = care

    def entries(
        self,
        text: str = "",
        *,
        collection: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        state: State | None = None,
    ) -> list[Entry]:
        """Lines of the library whose source, title or tags hold every word of ``text``, newest first.

        ``kind`` is a media type or the ending of a file's name. Raises `InvalidInput` for an unknown state.
        """
        if state is not None and state not in get_args(State):
            raise InvalidInput(f"There is no state {state}.", hint=f"States are {', '.join(get_args(State))}.")
        words = text.casefold().split()
        with self._store.begin() as unit:
            found = unit.documents.entries(collection)
            corrected = _corrected(unit.documents.edited_chunks, found) if state == "corrected" else set()
        return [
            entry
            for entry in found
            if _holds(entry, words)
            and (kind is None or _is_kind(entry, kind))
            and (tag is None or tag in entry.document.tags)
            and (state is None or _stands(entry.document, state, corrected))
        ]

    def tags(self) -> dict[str, int]:
        """How many documents have each tag, by name."""
        with self._store.begin() as unit:
            return dict(sorted(unit.documents.tags().items()))

    def set_tags(self, document_id: str, tags: Sequence[str]) -> tuple[str, ...]:
        """Give a document exactly these tags; how they are kept. Raises `NotFound`, or `InvalidInput` for a bad tag."""
        clean = _tags(tags)
        with self._store.begin() as unit:
            unit.documents.set_tags(document_id, clean)
        return clean

    def tag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Add tags to documents. Raises `NotFound`, and then none was added, or `InvalidInput` for a bad tag."""
        self._retag(document_ids, add=_tags(tags))

    def untag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Take tags from documents that have them. Raises `NotFound`, and then none was taken."""
        self._retag(document_ids, take=_tags(tags))

    def move(self, document_ids: Sequence[str], collection: str) -> list[str]:
        """Put documents into another collection; the ids that they have there, as an id tells the collection too.

        Nothing is embedded again; tags and corrections go with them. Raises `NotFound` and `InvalidInput`.
        """
        return self._care.move(document_ids, collection_name(collection))

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents and their kept originals. Raises `NotFound`, and then nothing was forgotten."""
        self._care.remove(document_ids)

    def remove_entry(self, collection: str, source: str) -> int:
        """Forget one source; documents that another source gives stay. How many documents went. Raises `NotFound`."""
        with self._store.begin() as unit:
            if not unit.documents.sources(collection, source):
                raise NotFound(f"Nothing in the collection {collection} comes from {source}.")
        return self._care.unlink(collection, source)

    def settle(self) -> int:
        """Finish removals that an earlier run left unfinished; how many are left. Raises `StoreError`."""
        return self._care.sweep()

    def edit_chunk(self, chunk_id: str, text: str) -> Chunk:
        """Give a passage another text: it is found by it and quoted with it from now on.

        The file stays as it is, and every text the passage had is kept. Raises `NotFound` and `InvalidInput`.
        """
        clean = text.strip()
        if not clean:
            raise InvalidInput("A passage needs some text.", hint="Remove the document to be rid of it.")
        if len(clean) > TEXT_LENGTH:
            raise InvalidInput(f"The text has {len(clean):,} characters; a passage may have {TEXT_LENGTH:,}.")
        return self._care.edit(chunk_id, clean)

    def history(self, chunk_id: str) -> list[ChunkVersion]:
        """Every text that a passage had, from what was read in the file to the one it has. Raises `NotFound`."""
        with self._store.begin() as unit:
            return unit.documents.chunk_history(chunk_id)

    def rollback(self, chunk_id: str, version: int) -> Chunk:
        """Give a passage a text that it had before; version 0 is what was read in the file. Raises `NotFound`."""
        texts = {each.version: each.text for each in self.history(chunk_id)}
        if version not in texts:
            raise NotFound(
                f"There is no version {version} of this passage.", hint=f"It has {', '.join(map(str, sorted(texts)))}."
            )
        return self._care.edit(chunk_id, texts[version])

    def _retag(self, document_ids: Sequence[str], *, add: Sequence[str] = (), take: Sequence[str] = ()) -> None:
        with self._store.begin() as unit:
            known = unit.documents.many(document_ids)
            for identity in document_ids:
                if identity not in known:
                    raise NotFound(f"There is no document {identity} in the library.")
            for document in known.values():
                unit.documents.set_tags(document.id, _tags([*(set(document.tags) - set(take)), *add]))


class _Edited(Protocol):
    def __call__(self, collection: str) -> Sequence[Chunk]: ...


def _corrected(edited: _Edited, entries: Sequence[Entry]) -> set[str]:
    collections = {entry.document.collection for entry in entries}
    return {chunk.document_id for collection in collections for chunk in edited(collection)}


def _holds(entry: Entry, words: Sequence[str]) -> bool:
    shown = "\n".join((entry.source, entry.document.title, *entry.document.tags)).casefold()
    return all(word in shown for word in words)


def _is_kind(entry: Entry, kind: str) -> bool:
    wanted = kind.casefold()
    ending = wanted if wanted.startswith(".") else f".{wanted}"
    media_type = entry.document.media_type
    endings = (PurePosixPath(entry.source.replace("\\", "/")).suffix.casefold(), suffix_of(media_type))
    return wanted == media_type or ending in endings


def _stands(document: Document, state: State, corrected: set[str]) -> bool:
    return {
        "ready": document.indexed,
        "unfinished": not document.indexed,
        "warnings": bool(document.warnings),
        "corrected": document.id in corrected,
    }[state]


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags as they are kept: without spaces round them, each once, sorted. Raises `InvalidInput`."""
    clean = {" ".join(tag.split()) for tag in tags}
    for tag in clean:
        if not tag or len(tag) > TAG_LENGTH or not tag.isprintable() or "," in tag:
            raise InvalidInput(f"A tag has 1 to {TAG_LENGTH} characters and no comma.")
    return tuple(sorted(clean))
