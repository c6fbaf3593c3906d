"""Taking documents in: find, read, cut, keep, embed, index. Doing it twice is doing it once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from basicchat.core.protocols import LexicalIndex, Loader, Splitter, Store
from basicchat.core.types import DEFAULT_COLLECTION, Chunk, ChunkSize, Document, FileOutcome, FileStatus, Page, Progress
from basicchat.ingest.chunk import NATURAL, cut
from basicchat.ingest.detect import RECORDS, media_type_of
from basicchat.ingest.embed import CONTEXT_TOKENS, SPECIAL_TOKENS, batches
from basicchat.ingest.files import FoundFile, Originals, find_files, source_of
from basicchat.ingest.generations import Generations
from basicchat.ingest.index import Projections, Tell
from basicchat.ingest.intake import Intake, Task
from basicchat.ingest.remove import remove_documents

Report = Callable[[str, Progress], None]

MIN_LIMIT = 16
"""Tokens that a passage may always have, whatever little the embedder reads."""

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
    """The way into the library, and out of it. One file at a time; other threads wait for their turn."""

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
    ) -> None:
        self._loaders = {kind: loader for loader in loaders for kind in loader.media_types}
        self._generations = generations
        self._store = store
        self._originals = Originals(files)
        self._config = config
        self._splitter = splitter
        self._projections = Projections(store, generations, lexical, config.batch_size)
        self._intake = Intake(store, self._projections, self._originals, self._cut)
        self._turn = threading.Lock()

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        report: Report | None = None,
    ) -> Iterator[FileOutcome]:
        """Take in files, and folders with all that is in them; one outcome a file, as it ends.

        ``names`` gives the name a file has for the user where that is not its path. A file that cannot be taken in
        is an outcome, never an error. ``report`` hears of every step of every file and may raise `Cancelled`: what
        was finished stays, and taking the rest in again completes it. Files of folders that no loader reads are
        passed over.
        """
        for found in find_files(paths):
            name = (names or {}).get(found.path, "")
            outcome = self._outcome(found, name, collection, report or _silent)
            if outcome is not None:
                yield outcome

    def remove(self, document_id: str) -> None:
        """Forget a document everywhere, its kept original too. Raises `NotFound`."""
        with self._turn:
            remove_documents([document_id], store=self._store, projections=self._projections, originals=self._originals)

    def reindex(
        self,
        document_ids: Sequence[str] | None = None,
        *,
        report: Report | None = None,
        renew: Callable[[Tell], None] | None = None,
    ) -> int:
        """Rebuild the projections of these documents, or of all, from the store; how many documents that were.

        Vectors come from the store; only what was never embedded by this embedder is embedded. All of them are
        searched while that goes on; ``renew`` builds the vectors of all of them anew and lets them serve once they
        are whole. Raises `NotFound` for a document that is not there.
        """
        tell = report or _silent
        with self._turn:
            documents, collections = self._chosen(document_ids)
            if document_ids is not None:
                self._projections.forget(documents)
            for collection in collections:
                self._projections.discard_strays(collection)
            if renew is not None:
                renew(lambda progress: tell("all documents", progress))
            for part in batches(documents, REINDEX_DOCUMENTS):
                self._project(part, tell, words_only=renew is not None)
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

    def _project(self, documents: Sequence[Document], report: Report, *, words_only: bool) -> None:
        with self._store.begin() as unit:
            items = [(document, unit.documents.chunks(document.id)) for document in documents]
        source = documents[0].source if len(documents) == 1 else f"{len(documents)} documents"
        project = self._projections.project_words if words_only else self._projections.project
        project(items, tell=lambda progress: report(source, progress))

    def _outcome(self, found: FoundFile, name: str, collection: str, report: Report) -> FileOutcome | None:
        """How taking in one file ended; None for a file of a folder that is none of our business."""
        shown = name or str(found.path)
        try:
            loader = self._loader(found.path, shown)
            if loader is None and not found.asked:
                return None
            if loader is None:
                raise UnsupportedDocument("There is no reader for this kind of file.")
            source = name or source_of(found.path)
            task = Task(found.path, shown, source, collection, loader, lambda progress: report(shown, progress))
            with self._turn:
                records = RECORDS in loader.media_types
                return self._intake.records(task) if records else self._intake.file(task)
        except Cancelled:
            raise
        except PasswordRequired as error:
            return FileOutcome(shown, FileStatus.NEEDS_PASSWORD, error=_sentences(error))
        except BasicChatError as error:
            return FileOutcome(shown, FileStatus.FAILED, error=_sentences(error))
        except OSError as error:
            return FileOutcome(shown, FileStatus.FAILED, error=f"The file cannot be opened: {error.strerror or error}.")

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

    def _cut(self, document: str, pages: Sequence[Page]) -> list[Chunk]:
        return cut(document, pages, size=self._size(), count=self._generations.counter(), splitter=self._splitter)

    def _size(self) -> ChunkSize:
        """Passage lengths that leave room for the line of context within what the embedder reads."""
        limit = max(MIN_LIMIT, self._generations.current.embedder.max_tokens - SPECIAL_TOKENS - CONTEXT_TOKENS)
        target = min(self._config.chunk_tokens, limit)
        return ChunkSize(target=target, overlap=min(self._config.chunk_overlap, target // 3), limit=limit)


def _sentences(error: BasicChatError) -> str:
    """What happened and what to do next."""
    return f"{error} {error.hint}".strip()


def _silent(_: str, __: Progress) -> None:
    """Tell nobody."""
