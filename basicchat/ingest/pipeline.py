"""Taking documents in: find, read, cut, keep, embed, index. Doing it twice is doing it once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from basicchat.core.errors import BasicChatError, Cancelled, NotFound
from basicchat.core.protocols import Cache, LexicalIndex, Loader, Splitter, Store, TableIndex, Tell, silent
from basicchat.core.types import DEFAULT_COLLECTION, Chunk, ChunkSize, Document, FileOutcome, Page, Progress
from basicchat.ingest.ahead import MOST_FILES, ReadAhead
from basicchat.ingest.care import Care
from basicchat.ingest.chunk import NATURAL, TellingSplitter, cut
from basicchat.ingest.embed import CONTEXT_TOKENS, SPECIAL_TOKENS, batches
from basicchat.ingest.files import Originals, Unlock
from basicchat.ingest.formats import RECORDS
from basicchat.ingest.generations import Generations
from basicchat.ingest.index import Projections
from basicchat.ingest.intake import Intake, Reading, Task
from basicchat.ingest.mend import Mender
from basicchat.ingest.recut import Version, recut
from basicchat.ingest.tasks import Given, Pause, Tasks, failed

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

    While one file is embedded and written, the next ones are read and cut already. Archives are unpacked in
    ``scratch``; None is the folder for temporary files.
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
        unlock: Mapping[str, Unlock] | None = None,
        scratch: Path | None = None,
        answers: Cache | None = None,
    ) -> None:
        self._generations = generations
        self._store = store
        self._originals = Originals(files, unlock=unlock)
        self._config = config
        self._splitter = splitter
        self._projections = Projections(store, generations, lexical, config.batch_size, tables, answers)
        self._intake = Intake(store, self._projections, self._originals, self._cut)
        self._tasks = Tasks(loaders, max_file_bytes=config.max_file_bytes, prune=self._prune, scratch=scratch)
        self._ahead: ReadAhead[Task, Reading] = ReadAhead(self._intake.read)
        self._turn = threading.Lock()
        self.care = Care(store, self._projections, self._originals, self._turn)
        self.mender = Mender(store, self._projections, self._originals, self._cut, self._turn)

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        passwords: Mapping[Path, str] | None = None,
        report: Report | None = None,
        asked: bool = True,
    ) -> Iterator[FileOutcome]:
        """Take in files, and folders with all that is in them; one outcome a file, in order, as it ends.

        ``names`` gives the name a file has for the user where that is not its path, ``passwords`` what opens locked
        ones. A file that cannot be taken in is an outcome, never an error. ``report`` hears of every step of every
        file and may raise `Cancelled`: what was finished stays, and taking the rest in again completes it. Files of
        folders that no loader reads are passed over, and so are named ones that nobody ``asked`` for.
        """
        given = Given(collection, names or {}, passwords or {}, asked)
        window: deque[Task | FileOutcome] = deque()
        try:
            for step in self._tasks.of(paths, given):
                if not isinstance(step, Pause):
                    window.append(step)
                    self._want([step])
                while len(window) > (0 if isinstance(step, Pause) else MOST_FILES):
                    yield self._taken(window.popleft(), report or _silent)
            while window:
                yield self._taken(window.popleft(), report or _silent)
        finally:
            self._ahead.forget([step for step in window if isinstance(step, Task)])

    def find(self, paths: Iterable[Path]) -> list[Path]:
        """The files that `ingest` would take in, each once, without those of folders that no loader reads."""
        return self._tasks.found(paths)

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
        self._ahead.want(self._tasks.readable(paths, Given(collection, names or {}, passwords or {})))

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
            return self._intake.prune(collection, source, keep=(), itself=True)

    def remove(self, document_id: str) -> None:
        """Forget a document everywhere, its kept original too. Raises `NotFound`."""
        self.care.remove([document_id])

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

    def _want(self, steps: Iterable[Task | FileOutcome]) -> None:
        files = (step for step in steps if isinstance(step, Task))
        self._ahead.want(file for file in files if RECORDS not in file.loader.media_types)

    def _prune(self, collection: str, source: str, keep: Set[str]) -> None:
        with self._turn:
            self._intake.prune(collection, source, keep=keep)

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
            return failed(entry.shown, error)

    @contextmanager
    def _my_turn(self, tell: Tell) -> Iterator[None]:
        """Wait until no other file is taken in; ``tell`` hears that it waits and may raise to give up."""
        while not self._turn.acquire(timeout=WAIT_SECONDS):
            tell(Progress("waiting"))
        try:
            yield
            self.care.catch_up()
        finally:
            self._turn.release()

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


def _silent(_: str, __: Progress) -> None:
    """Tell nobody."""
