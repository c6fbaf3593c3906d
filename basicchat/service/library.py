"""The library as interfaces see it: what is in it, getting files in and out, pages to look at."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from basicchat.core.codec import to_json
from basicchat.core.errors import NotFound, StoreError
from basicchat.core.protocols import JobContext, JobQueue, PageRenderer, Store
from basicchat.core.types import (
    DEFAULT_COLLECTION,
    Box,
    Chunk,
    Document,
    FileOutcome,
    Job,
    Json,
    Page,
    PageImage,
    Progress,
)
from basicchat.service.names import collection_name
from basicchat.service.pages import PageViews

INGEST = "ingest"
"""The kind of the jobs that take files in. Their result is a list of `FileOutcome` in JSON."""

NAME_LENGTH = 200
"""Characters of an uploaded file's name that are kept, its ending among them."""

INBOX_SECONDS = 24 * 3600
"""How long an upload waits for its turn before it counts as forgotten."""

Report = Callable[[str, Progress], None]


class Shelving(Protocol):
    """What takes documents in and out: the ingestor."""

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        report: Report | None = None,
    ) -> Iterator[FileOutcome]:
        """One outcome a file."""

    def remove(self, document_id: str) -> None:
        """Forget a document. Raises `NotFound`."""


class Library:
    """Documents by collection. ``files`` holds the kept originals, ``inbox`` what was uploaded and not yet read."""

    def __init__(
        self,
        *,
        ingestor: Shelving,
        store: Store,
        renderers: Sequence[PageRenderer],
        files: Path,
        jobs: JobQueue,
        inbox: Path,
    ) -> None:
        self._ingestor = ingestor
        self._store = store
        self._views = PageViews(store=store, renderers=renderers, files=files)
        self._jobs = jobs
        self._inbox = inbox
        jobs.register(INGEST, self._run)

    def documents(self, collection: str | None = None) -> list[Document]:
        """Documents of a collection, or all, newest first."""
        with self._store.begin() as unit:
            return unit.documents.find(collection)

    def document(self, document_id: str) -> Document:
        """One document. Raises `NotFound`."""
        with self._store.begin() as unit:
            found = unit.documents.get(document_id)
        if found is None:
            raise NotFound(f"There is no document {document_id} in the library.", hint="It may have been removed.")
        return found

    def collections(self) -> list[str]:
        """Names of the collections that hold documents, sorted."""
        with self._store.begin() as unit:
            return unit.documents.collections()

    def ingest(
        self, paths: Iterable[Path], *, collection: str = DEFAULT_COLLECTION, report: Report | None = None
    ) -> Iterator[FileOutcome]:
        """Take in files and folders now; one outcome a file, as it ends. Raises `InvalidInput` for a bad collection."""
        return self._ingestor.ingest(list(paths), collection=collection_name(collection), report=report)

    def submit(self, paths: Iterable[Path], *, collection: str = DEFAULT_COLLECTION) -> Job:
        """Take in files and folders in the background."""
        whole = [str(Path(path).absolute()) for path in paths]
        return self._submit(whole, names={}, collection=collection, title=_title([Path(path).name for path in whole]))

    def submit_uploads(self, uploads: Sequence[tuple[str, bytes]], *, collection: str = DEFAULT_COLLECTION) -> Job:
        """Take in uploaded files, (name, bytes), in the background.

        A name is only ever shown: where the bytes lie is the server's choice. An upload of a name that the collection
        holds already replaces that document; two of one name in one upload are told apart by a number.
        Raises `StoreError` where the bytes cannot be written.
        """
        collection = collection_name(collection)
        _sweep(self._inbox)
        names: dict[str, str] = {}
        for name, data in uploads:
            path = self._inbox / uuid.uuid4().hex
            try:
                self._inbox.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except OSError as error:
                _discard([*names, str(path)])
                raise StoreError(f"The upload cannot be written: {error.strerror}.", hint="Free some space.") from error
            names[str(path)] = _distinct(shown_name(name), names.values())
        try:
            return self._submit(list(names), names=names, collection=collection, title=_title(list(names.values())))
        except StoreError:
            _discard(names)
            raise

    def remove(self, document_id: str) -> None:
        """Forget a document and its kept original. Raises `NotFound`."""
        self._ingestor.remove(document_id)

    def page(self, document_id: str, number: int) -> Page:
        """A page of a document, from 1. Raises `NotFound`."""
        with self._store.begin() as unit:
            found = unit.documents.page(document_id, number)
        if found is None:
            raise NotFound(f"There is no page {number} of this document.")
        return found

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """The passages of a document, in order. Raises `NotFound`."""
        self.document(document_id)
        with self._store.begin() as unit:
            return unit.documents.chunks(document_id)

    def page_image(
        self, document_id: str, page: int, *, start: int = 0, end: int = 0, width: int = 1000
    ) -> PageImage | None:
        """A page as a picture with boxes round ``[start, end)`` of its text.

        None where the format has no pages to draw, or the original is lost or damaged. Raises `NotFound`.
        """
        return self._views.image(self.document(document_id), page, start=start, end=end, width=width)

    def outlines(self, document_id: str, page: int) -> dict[str, tuple[Box, ...]]:
        """Where the passages of a page stand on its picture, by chunk id. Raises `NotFound`."""
        return self._views.outlines(self.document(document_id), page)

    def original(self, document_id: str) -> Path | None:
        """The kept original, None if there is none. Raises `NotFound`."""
        return self._views.original(self.document(document_id))

    def _submit(self, paths: list[str], *, names: Mapping[str, str], collection: str, title: str) -> Job:
        payload = {"paths": paths, "names": dict(names), "collection": collection_name(collection)}
        return self._jobs.submit(INGEST, to_json(payload), title=title)

    def _run(self, payload: Json, context: JobContext) -> Json:
        """The job: take in what the payload names, then forget the uploads."""
        given = cast(dict[str, Json], payload)
        paths = [Path(path) for path in cast(list[str], given["paths"])]
        names = {Path(path): name for path, name in cast(dict[str, str], given["names"]).items()}

        def report(name: str, step: Progress) -> None:
            context.progress(stage=step.stage, done=step.done, total=step.total, unit=step.unit, note=name)

        try:
            outcomes = self._ingestor.ingest(paths, collection=str(given["collection"]), names=names, report=report)
            return [to_json(outcome) for outcome in outcomes]
        finally:
            _discard(map(str, names))


def shown_name(name: str) -> str:
    """An uploaded file's name for people: its last part, printable, not too long, never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in last).split())
    if len(clean) > NAME_LENGTH:
        suffix = PurePosixPath(clean).suffix[:20]
        clean = clean[: NAME_LENGTH - len(suffix)] + suffix
    return clean.strip(". ") or "document"


def _distinct(name: str, taken: Iterable[str]) -> str:
    known, number = set(taken), 2
    path, candidate = PurePosixPath(name), name
    while candidate in known:
        candidate = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return candidate


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} files"


def _sweep(inbox: Path) -> None:
    """Forget uploads whose job never ran: it was cancelled, or the program ended before its turn."""
    oldest = time.time() - INBOX_SECONDS
    for path in inbox.glob("*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _discard(paths: Iterable[str]) -> None:
    for path in paths:
        Path(path).unlink(missing_ok=True)
