"""Taking documents in: find, read, cut, keep, embed, index. Doing it twice is doing it once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from basicchat.core.errors import (
    BasicChatError,
    Cancelled,
    NotFound,
    PasswordRequired,
    UnreadableDocument,
    UnsupportedDocument,
)
from basicchat.core.protocols import LexicalIndex, Loader, Splitter, Store, TableIndex, silent
from basicchat.core.types import DEFAULT_COLLECTION, Chunk, ChunkSize, Document, FileOutcome, FileStatus, Page, Progress
from basicchat.ingest.ahead import MOST_FILES, ReadAhead
from basicchat.ingest.chunk import NATURAL, TellingSplitter, cut
from basicchat.ingest.detect import RECORDS, media_type_of
from basicchat.ingest.embed import CONTEXT_TOKENS, SPECIAL_TOKENS, batches
from basicchat.ingest.files import FoundFile, Originals, find_files, source_of
from basicchat.ingest.generations import Generations
from basicchat.ingest.index import Projections
from basicchat.ingest.intake import Intake, Reading, Task
from basicchat.ingest.recut import Version, recut
from basicchat.ingest.remove import remove_documents

Report = Callable[[str, Progress], None]

MIN_LIMIT = 16
"""Tokens that a passage may always have, whatever little the embedder reads."""

WAIT_SECONDS = 1.0
"""How often somebody who waits for his turn says so."""

REINDEX_DOCUMENTS = 64
"""Documents whose passages are in memory at once while the projections are rebuilt."""


@dataclass(frozen=True)
class IngestConfig:
    """How documents are cut and taken in. Lengths are in tokens of the embedder."""

    chunk_tokens: int = 200
    chunk_overlap: int = 30
    batch_size: int = 32
    max_file_bytes: int = 200 * 2**20


class Ingestor:
    """The way into the library, and out of it. One file at a time; other threads wait for their turn.

    While one file is embedded and written, the next ones are read and cut already.
    """

    def __init__(
        self,
        *,
        loaders: Sequence[Loader],
        generations: Generations,
        store: Store,
        lexical: LexicalIndex,
        files: Path,
        config: IngestConfig,
        splitter: Splitter = NATURAL,
        tables: TableIndex | None = None,
    ) -> None:
        self._loaders = {kind: loader for loader in loaders for kind in loader.media_types}
        self._generations = generations
        self._store = store
        self._originals = Originals(files)
        self._config = config
        self._splitter = splitter
        self._projections = Projections(store, generations, lexical, config.batch_size, tables)
        self._intake = Intake(store, self._projections, self._originals, self._cut)
        self._ahead: ReadAhead[Task, Reading] = ReadAhead(self._intake.read)
        self._turn = threading.Lock()

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        passwords: Mapping[Path, str] | None = None,
        report: Report | None = None,
    ) -> Iterator[FileOutcome]:
        """Take in files, and folders with all that is in them; one outcome a file, in order, as it ends.

        ``names`` gives the name a file has for the user where that is not its path, ``passwords`` what opens locked
        ones. A file that cannot be taken in is an outcome, never an error. ``report`` hears of every step of every
        file and may raise `Cancelled`: what was finished stays, and taking the rest in again completes it. Files of
        folders that no loader reads are passed over.
        """
        given = _Given(collection, names or {}, passwords or {})
        window: deque[Task | FileOutcome] = deque()
        try:
            for found in find_files(paths):
                entry = self._entry(found, given)
                if entry is None:
                    continue
                window.append(entry)
                self._want([entry])
                if len(window) > MOST_FILES:
                    yield self._taken(window.popleft(), report or _silent)
            while window:
                yield self._taken(window.popleft(), report or _silent)
        finally:
            self._ahead.forget([entry for entry in window if isinstance(entry, Task)])

    def read_ahead(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        passwords: Mapping[Path, str] | None = None,
    ) -> None:
        """Begin to read files that `ingest` will be asked for soon, in this order and with the same arguments.

        Returns at once. Little is read at one time: the first few, then more as `ingest` takes them. Wanting a file
        twice is wanting it once; what is wanted and then not taken in is to be given to `forget_ahead`.
        """
        given = _Given(collection, names or {}, passwords or {})
        entries = (self._entry(FoundFile(path, asked=True), given) for path in paths)
        self._want([entry for entry in entries if entry is not None])

    def forget_ahead(self, paths: Iterable[Path]) -> None:
        """Stop to read these files ahead."""
        self._ahead.forget_where({Path(path) for path in paths})

    def close(self) -> None:
        """Stop reading ahead."""
        self._ahead.close()

    def forget_source(self, source: str, *, collection: str = DEFAULT_COLLECTION) -> int:
        """Forget a source, and what came out of it if it is an archive; how many documents went with it.

        A document that another source gives too stays.
        """
        with self._turn:
            with self._store.begin() as unit:
                known = {entry.source for entry in unit.documents.entries(collection)}
                gone = [each for each in sorted(known) if each == source or each.startswith(f"{source}/")]
                orphans = [one for each in gone for one in unit.documents.link_source(collection, each, [])]
            if orphans:
                remove_documents(orphans, store=self._store, projections=self._projections, originals=self._originals)
        return len(orphans)

    def remove(self, document_id: str) -> None:
        """Forget a document everywhere, its kept original too. Raises `NotFound`."""
        with self._turn:
            remove_documents([document_id], store=self._store, projections=self._projections, originals=self._originals)

    def reindex(self, document_ids: Sequence[str] | None = None, *, report: Report | None = None) -> int:
        """Rebuild the projections of these documents, or of all, from the store; how many documents that were.

        Vectors come from the store; only what was never embedded by this embedder is embedded. Where all are rebuilt,
        all are searched while that goes on. Raises `NotFound` for a document that is not there.
        """
        with self._turn:
            documents, collections = self._chosen(document_ids)
            if document_ids is not None:
                self._projections.forget(documents)
            for collection in collections:
                self._projections.discard_strays(collection)
            for part in batches(documents, REINDEX_DOCUMENTS):
                self._project(part, report or _silent)
        return len(documents)

    def _chosen(self, document_ids: Sequence[str] | None) -> tuple[list[Document], list[str]]:
        """The documents to index again, and the collections to tidy before."""
        with self._store.begin() as unit:
            if document_ids is None:
                return unit.documents.find(), unit.documents.collections()
            found = unit.documents.many(document_ids)
        for identity in document_ids:
            if identity not in found:
                raise NotFound(f"There is no document {identity} in the library.")
        return list(found.values()), []

    def _project(self, documents: Sequence[Document], report: Report) -> None:
        with self._store.begin() as unit:
            items = [(document, unit.documents.chunks(document.id)) for document in documents]
        source = documents[0].source if len(documents) == 1 else f"{len(documents)} documents"
        self._projections.project(items, tell=lambda progress: report(source, progress))

    def _want(self, entries: Iterable[Task | FileOutcome]) -> None:
        files = (entry for entry in entries if isinstance(entry, Task))
        self._ahead.want(file for file in files if RECORDS not in file.loader.media_types)

    def _entry(self, found: FoundFile, given: _Given) -> Task | FileOutcome | None:
        """What to do with a file, or why nothing can be done; None for one that is none of our business."""
        name = given.names.get(found.path, "")
        shown = name or str(found.path)
        try:
            loader = self._loader(found.path, shown)
            if loader is None and not found.asked:
                return None
            if loader is None:
                raise UnsupportedDocument("There is no reader for this kind of file.")
        except (BasicChatError, OSError) as error:
            return _failed(shown, error)
        source = name or source_of(found.path)
        return Task(found.path, shown, source, given.collection, loader, given.passwords.get(found.path, ""))

    def _taken(self, entry: Task | FileOutcome, report: Report) -> FileOutcome:
        """How taking in one file ended. Raises what ``report`` raises to stop."""
        if isinstance(entry, FileOutcome):
            return entry

        def tell(progress: Progress) -> None:
            report(entry.shown, progress)

        try:
            if RECORDS in entry.loader.media_types:
                with self._my_turn(tell):
                    return self._intake.records(entry, tell)
            reading = self._ahead.take(entry, tell)
            with self._my_turn(tell):
                return self._intake.file(entry, reading, tell)
        except Cancelled:
            raise
        except (BasicChatError, OSError) as error:
            return _failed(entry.shown, error)

    @contextmanager
    def _my_turn(self, tell: Tell) -> Iterator[None]:
        """Wait until no other file is taken in; ``tell`` hears that it waits and may raise to give up."""
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            tell(Progress("waiting"))
        try:
            yield
        finally:
            self._turn.release()

    def _loader(self, path: Path, name: str) -> Loader | None:
        """The reader for a file. Raises `UnreadableDocument` for one that is not there, empty or too large."""
        if not path.is_file():
            raise UnreadableDocument("There is no such file.", hint="Check the path.")
        size, largest = path.stat().st_size, self._config.max_file_bytes
        loader = self._loaders.get(media_type_of(path, name=name) or "")
        if size == 0 and loader is not None:
            raise UnreadableDocument("The file is empty.")
        if size > largest and loader is not None:
            raise UnreadableDocument(
                f"The file has {size / 2**20:,.0f} MB; the largest that is taken in is {largest / 2**20:,.0f} MB.",
                hint="Split it, or allow more with BASICCHAT_INGEST__MAX_FILE_MB.",
            )
        return loader

    def _cut(
        self, document: str, pages: Sequence[Page], *, before: Version | None = None, tell: Tell = silent
    ) -> list[Chunk]:
        splitter = TellingSplitter(self._splitter, tell, total=len(pages))
        size, count = self._size(), self._generations.counter()
        if before is not None:
            return recut(document, pages, before, size=size, count=count, splitter=splitter)
        return cut(document, pages, size=size, count=count, splitter=splitter)

    def _size(self) -> ChunkSize:
        """Passage lengths that leave room for the line of context within what the embedder reads."""
        limit = max(MIN_LIMIT, self._generations.current.embedder.max_tokens - SPECIAL_TOKENS - CONTEXT_TOKENS)
        target = min(self._config.chunk_tokens, limit)
        return ChunkSize(target=target, overlap=min(self._config.chunk_overlap, target // 3), limit=limit)


@dataclass(frozen=True, slots=True)
class _Given:
    """What the caller said about the files."""

    collection: str
    names: Mapping[Path, str]
    passwords: Mapping[Path, str]


def _failed(shown: str, error: BasicChatError | OSError) -> FileOutcome:
    """The outcome of a file that could not be taken in: what happened and what to do next."""
    if isinstance(error, OSError):
        told = f"The file cannot be opened: {error.strerror or error}."
        return FileOutcome(shown, FileStatus.FAILED, error=told)
    status = FileStatus.NEEDS_PASSWORD if isinstance(error, PasswordRequired) else FileStatus.FAILED
    return FileOutcome(shown, status, error=f"{error} {error.hint}".strip())


def _silent(_: str, __: Progress) -> None:
    """Tell nobody."""
