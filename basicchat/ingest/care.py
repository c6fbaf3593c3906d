"""Changes to what is in the library already: removing, moving, correcting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from basicchat.core.errors import NotFound
from basicchat.core.protocols import Documents, Store, silent
from basicchat.core.types import Chunk, ChunkVersion, Document
from basicchat.ingest.files import Originals
from basicchat.ingest.identity import chunk_id, document_id
from basicchat.ingest.index import Projections
from basicchat.ingest.remove import relink, remove_documents, sweep_removals

TURN_SECONDS = 2.0
"""Somebody who changes one thing waits this long for a file that is taken in, then goes on beside it."""


@dataclass(frozen=True)
class Care:
    """What may be done to documents of the library. ``turn`` is held by who takes a file in."""

    store: Store
    projections: Projections
    originals: Originals
    turn: threading.Lock
    _behind: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._behind.set()  # an earlier run may have left something

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents everywhere, their kept originals too. Raises `NotFound`, and then nothing was forgotten.

        They cannot be found any more when this returns. What could not be cleaned up is left to `sweep`.
        """
        with self._turn() as mine:
            remove_documents(
                document_ids,
                store=self.store,
                projections=self.projections,
                originals=self.originals,
                sweep=False,
            )
            self._behind.set()
            if mine:
                self.catch_up()

    def catch_up(self) -> None:
        """Sweep what had to wait for the turn or failed. To be called by who holds it, before giving it back."""
        if self._behind.is_set():
            self._behind.clear()
            self._sweep()

    def sweep(self) -> int:
        """Finish removals; how many are left because something still fails."""
        with self.turn:
            return self._sweep()

    def edit(self, chunk: str, text: str) -> Chunk:
        """Give a passage another text, in the store and wherever it is searched. Raises `NotFound`.

        A crash in between leaves the document marked as not indexed, so that it is indexed again.
        """
        with self._turn():
            with self.store.begin() as unit:
                before = unit.documents.chunks_by_id([chunk]).get(chunk)
                edited = unit.documents.edit_chunk(chunk, text, at=time.time())
                if edited == before:
                    return edited
                document = unit.documents.many([edited.document_id])[edited.document_id]
                unit.documents.mark_indexed([document.id], indexed=False)
            if document.indexed:
                self.projections.project([(document, [edited])], tell=silent)
            else:
                self._complete([document])
        return edited

    def move(self, document_ids: Sequence[str], collection: str) -> list[str]:
        """Put documents, with every source of theirs, into another collection; the ids that they have there.

        Nothing is embedded again. One that is there already stays as it is. Raises `NotFound`.
        """
        with self._turn() as mine:
            with self.store.begin() as unit:
                known = unit.documents.many(document_ids)
                for identity in document_ids:
                    if identity not in known:
                        raise NotFound(f"There is no document {identity} in the library.")
                wanted = [document for document in known.values() if document.collection != collection]
                moved = {document.id: _moved(unit.documents, document, collection) for document in wanted}
                new = unit.documents.many(list(moved.values()))
            self._complete([document for document in new.values() if not document.indexed])
            if moved:
                self._behind.set()
            if mine:
                self.catch_up()
        return [moved.get(identity, identity) for identity in document_ids]

    def unlink(self, collection: str, source: str) -> int:
        """Say that a source gives nothing any more; how many documents went with it. Others give them still."""
        with self.turn:
            return relink(
                collection,
                [(source, [])],
                store=self.store,
                projections=self.projections,
                originals=self.originals,
            )

    def _sweep(self) -> int:
        left = sweep_removals(store=self.store, projections=self.projections, originals=self.originals)
        if left:
            self._behind.set()
        return left

    def _complete(self, documents: Sequence[Document]) -> None:
        for document in documents:
            with self.store.begin() as unit:
                chunks = unit.documents.chunks(document.id)
            self.projections.project([(document, chunks)], tell=silent)

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Hold the turn if it can be had soon. Gives whether it is held."""
        mine = self.turn.acquire(timeout=TURN_SECONDS)
        try:
            yield mine
        finally:
            if mine:
                self.turn.release()


def _moved(documents: Documents, document: Document, collection: str) -> str:
    """Copy a document into another collection, give it its sources there, and forget it here."""
    identity = document_id(collection, document.digest, external_id=document.external_id)
    sources = documents.sources_of(document.id)
    if documents.get(identity) is None:
        histories = documents.edit_histories(document.id)
        copies = {chunk.id: _copied(chunk, identity, histories) for chunk in documents.chunks(document.id)}
        changed = replace(document, id=identity, collection=collection, indexed=False)
        documents.add(changed, documents.pages(document.id), list(copies.values()), documents.tables(document.id))
        for chunk, versions in histories.items():
            for version in versions[1:]:
                documents.edit_chunk(copies[chunk].id, version.text, at=version.edited_at)
    for source in sources:
        there = documents.sources(collection, source)
        documents.link_source(collection, source, [*there, *({identity} - set(there))])
        here = documents.sources(document.collection, source)
        documents.link_source(document.collection, source, [each for each in here if each != document.id])
    documents.remove(document.id)
    return identity


def _copied(chunk: Chunk, document: str, histories: Mapping[str, Sequence[ChunkVersion]]) -> Chunk:
    """The chunk as it was read, in another document."""
    text = histories[chunk.id][0].text if chunk.id in histories else chunk.text
    identity = chunk_id(document, page=chunk.page, start=chunk.start, end=chunk.end, text=text)
    return replace(chunk, id=identity, document_id=document, text=text, edited=False)
