"""Taking in one file: a document of its own, or one document a record."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from basicchat.core.errors import StoreError, UnreadableDocument
from basicchat.core.protocols import Loader, Store, Tell, silent
from basicchat.core.types import Chunk, Document, FileOutcome, FileStatus, LoadedDocument, Page, Progress
from basicchat.ingest.clean import clean_document
from basicchat.ingest.files import Originals, Stamp, stamp_of
from basicchat.ingest.identity import file_digest, record_digest
from basicchat.ingest.index import Projections
from basicchat.ingest.prepare import Origin, Prepared, prepare
from basicchat.ingest.recut import Version
from basicchat.ingest.remove import relink

GROUP = 256
"""Records cut, embedded and written together: enough for full batches and few transactions, little to hold."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file to take in. ``shown`` is its name in the outcome, ``source`` its name in the library."""

    path: Path
    shown: str
    source: str
    collection: str
    loader: Loader = field(compare=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file held: ``item`` is ready to be written, None where the library had the document already.

    ``stamp`` tells whether the file is still the one that was read.
    """

    stamp: Stamp
    digest: str
    item: Prepared | None


class Cut(Protocol):
    """Gives the chunks of a document's pages, cut like an older version where they are the same."""

    def __call__(
        self, document: str, pages: Sequence[Page], *, before: Version | None = None, tell: Tell = silent
    ) -> list[Chunk]:
        """Everything else is decided."""


@dataclass(frozen=True)
class Intake:
    """What taking in needs."""

    store: Store
    projections: Projections
    originals: Originals
    cut: Cut

    def read(self, task: Task, tell: Tell) -> Reading:
        """Read and cut a file that is one document, unless the library has it. Changes nothing."""
        tell(Progress("reading", unit="pages"))
        stamp = stamp_of(task.path)
        origin = Origin(task.collection, task.source, file_digest(task.path), time.time())
        with self.store.begin() as unit:
            if unit.documents.get(origin.identity()) is not None:
                return Reading(stamp, origin.digest, None)
            linked = unit.documents.sources(task.collection, task.source)
            before = Version(unit.documents.pages(linked[0]), unit.documents.chunks(linked[0])) if linked else None
        name = Path(task.shown).name
        loaded = next(task.loader.load(task.path, name=name, password=task.password, tell=tell), None)
        if loaded is None:
            raise UnreadableDocument("The file holds no document.")
        loaded = clean_document(replace(loaded, external_id=None))
        cut = partial(self.cut, before=before, tell=tell)
        return Reading(stamp, origin.digest, prepare(loaded, origin, cut=cut, warnings=loaded.warnings))

    def file(self, task: Task, reading: Reading, tell: Tell) -> FileOutcome:
        """Take in a file that was read. An older version from the same source goes once this one is in."""
        if reading.stamp != stamp_of(task.path):
            reading = self.read(task, tell)
        origin = Origin(task.collection, task.source, reading.digest, time.time())
        with self.store.begin() as unit:
            linked = unit.documents.sources(task.collection, task.source)
            known = unit.documents.get(origin.identity())
        if known is None:
            item = reading.item or self.read(task, tell).item
            if item is None:
                raise StoreError("The document came and went while its file was taken in.", hint="Add it again.")
            document = self._write(task, item, reading.stamp, tell)
            status = FileStatus.WARNINGS if document.warnings else FileStatus.DONE
        else:
            document, status = known, self._complete([known], linked, tell)
        self._link(task, linked, [document.id])
        return _outcome(task, status, [document], document.warnings)

    def prune(self, collection: str, source: str, *, keep: Collection[str], itself: bool = False) -> int:
        """Forget the sources under a source, and it ``itself``, but for those to ``keep``; how many documents went."""
        with self.store.begin() as unit:
            under = unit.documents.sources_under(collection, f"{source}/")
        gone = sorted({*under, *([source] if itself else [])} - set(keep))
        return self._relink(collection, [(each, []) for each in gone])

    def _write(self, task: Task, item: Prepared, stamp: Stamp, tell: Tell) -> Document:
        read = item.document
        stored_as = self.originals.keep(
            task.path, digest=read.digest, media_type=read.media_type, password=task.password
        )
        if stamp_of(task.path) != stamp:
            with self.store.begin() as unit:
                needed = stored_as in unit.documents.stored()  # by the same file in another collection
            if not needed:
                self.originals.remove(stored_as)
            raise UnreadableDocument("The file changed while it was read.", hint="Add it again.")
        document = replace(read, stored_as=stored_as, added_at=time.time())
        self.projections.write([replace(item, document=document)], tell=tell)
        return document

    def records(self, task: Task, tell: Tell) -> FileOutcome:
        """Take in a file of records. Records that are gone from it go from the library, once the others are in."""
        with self.store.begin() as unit:
            linked = unit.documents.sources(task.collection, task.source)
        documents: dict[str, Document] = {}
        warnings: list[str] = []
        statuses: set[FileStatus] = set()
        for group in _groups(task.loader.load(task.path, name=task.shown, tell=tell), GROUP):
            warnings += [warning for record in group for warning in record.warnings]
            found, status = self._group(task, group, linked, done=len(documents), tell=tell)
            statuses.add(status)
            documents.update(found)
        if not documents:
            raise UnreadableDocument("The file holds no records.")
        self._link(task, linked, list(documents))
        status = statuses.pop() if len(statuses) == 1 else FileStatus.DONE
        if warnings and status is FileStatus.DONE:
            status = FileStatus.WARNINGS
        return _outcome(task, status, list(documents.values()), tuple(warnings))

    def _group(
        self, task: Task, group: Sequence[LoadedDocument], linked: Sequence[str], *, done: int, tell: Tell
    ) -> tuple[dict[str, Document], FileStatus]:
        """Documents of some records by id, in order, and how taking them in ended."""
        tell(Progress("reading", done + len(group), 0, "records"))
        now = time.time()
        records: dict[str, tuple[LoadedDocument, Origin]] = {}
        for record in map(clean_document, group):
            origin = Origin(task.collection, task.source, record_digest(record), now)
            records[origin.identity(record.external_id)] = record, origin
        with self.store.begin() as unit:
            known = unit.documents.many(list(records))
        new = [
            prepare(record, origin, cut=self.cut)
            for identity, (record, origin) in records.items()
            if identity not in known
        ]
        status = self._complete(list(known.values()), linked, tell)
        if new:
            self.projections.write(new, tell=tell)
            status = FileStatus.DONE
        made = {item.document.id: item.document for item in new}
        return {identity: known.get(identity) or made[identity] for identity in records}, status

    def _complete(self, known: Sequence[Document], linked: Sequence[str], tell: Tell) -> FileStatus:
        """Finish documents that an earlier run left half done; what to call documents that were there already."""
        unfinished = [document for document in known if not document.indexed]
        if unfinished:
            with self.store.begin() as unit:
                items = [(document, unit.documents.chunks(document.id)) for document in unfinished]
            self.projections.project(items, tell=tell)
            return FileStatus.DONE
        same_source = set(linked).issuperset(document.id for document in known)
        return FileStatus.UNCHANGED if same_source else FileStatus.DUPLICATE

    def _link(self, task: Task, before: Sequence[str], ids: Sequence[str]) -> None:
        if list(before) == list(ids):
            return
        self._relink(task.collection, [(task.source, ids)])

    def _relink(self, collection: str, links: Sequence[tuple[str, Sequence[str]]]) -> int:
        return relink(collection, links, store=self.store, projections=self.projections, originals=self.originals)


def _groups(records: Iterable[LoadedDocument], size: int) -> Iterator[list[LoadedDocument]]:
    group: list[LoadedDocument] = []
    for record in records:
        group.append(record)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _outcome(task: Task, status: FileStatus, documents: Sequence[Document], warnings: tuple[str, ...]) -> FileOutcome:
    return FileOutcome(
        path=task.shown,
        status=status,
        document_id=documents[0].id if len(documents) == 1 else None,
        pages=sum(document.page_count for document in documents),
        chunks=sum(document.chunk_count for document in documents),
        warnings=warnings,
    )
