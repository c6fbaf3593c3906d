"""The library as interfaces see it: what is in it, getting files in and out, pages to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from basicchat.core.errors import NotFound, StoreError
from basicchat.core.protocols import JobQueue, PageRenderer, Store
from basicchat.core.types import DEFAULT_COLLECTION, Box, Check, Chunk, Document, FileOutcome, Job, Page, PageImage
from basicchat.service.batch_items import Batch
from basicchat.service.batches import Batches, Report, Shelving
from basicchat.service.inbox import Inbox
from basicchat.service.jobs import JobView, Problem
from basicchat.service.names import collection_name
from basicchat.service.pages import PageViews


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
        self._inbox = Inbox(inbox)
        self._batches = Batches(ingestor=ingestor, jobs=jobs, inbox=self._inbox)

    def documents(self, collection: str | None = None) -> list[Document]:
        """Documents of a collection, or all, newest first."""
        with self._store.begin() as unit:
            return unit.documents.find(collection)

    def document(self, document_id: str) -> Document:
        """One document. Raises `NotFound`."""
        with self._store.begin() as unit:
            found = unit.documents.get(document_id)
        if found is None:
            raise NotFound(
                f"There is no document {document_id} in the library.",
                hint="`basicchat library list` shows what there is.",
            )
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
        whole = tuple(str(Path(path).absolute()) for path in paths)
        batch = Batch(whole, collection_name(collection))
        return self._batches.submit(batch, title=_title([Path(path).name for path in whole]))

    def submit_uploads(self, uploads: Sequence[tuple[str, bytes]], *, collection: str = DEFAULT_COLLECTION) -> Job:
        """Take in uploaded files, (name, bytes), in the background.

        A name is only ever shown: where the bytes lie is the server's choice. An upload of a name that the collection
        holds already replaces that document; two of one name in one upload are told apart by a number. What could not
        be taken in is kept for another try, a week at most. Raises `StoreError` where the bytes cannot be written.
        """
        collection = collection_name(collection)
        self._inbox.sweep(self._batches.in_use())
        names = self._inbox.add(uploads)
        try:
            return self._batches.submit(Batch(tuple(names), collection, names), title=_title(list(names.values())))
        except StoreError:
            self._inbox.discard(names)
            raise

    def checks(self, repair: bool) -> list[Check]:
        """Whether uploads lie about that nobody came back for, for the doctor."""
        if repair:
            self._inbox.sweep(self._batches.in_use())
        left = len(self._inbox.forgotten(self._batches.in_use()))
        if not left:
            return [Check("uploads", True, "none forgotten")]
        return [Check("uploads", False, f"{left} were never taken in", "Run `basicchat doctor --repair`.")]

    def activity(self) -> list[JobView]:
        """Jobs that take files in and have not ended, or did so since the library was opened, newest first."""
        return self._batches.activity()

    def job(self, job_id: str) -> JobView:
        """A job with its files, totals and speed. Raises `NotFound`."""
        return self._batches.view(job_id)

    def problems(self) -> list[Problem]:
        """Files that could not be taken in, newest first, each once; gone when a later job took them in."""
        return self._batches.problems()

    def retry(self, job_id: str, ordinals: Sequence[int] | None = None, password: str = "") -> Job:
        """Try files of a job again that failed or are locked, all of them or these.

        The password opens locked ones; it is kept nowhere. Raises `NotFound`, and `InvalidInput` where none failed.
        """
        return self._batches.retry(job_id, ordinals, password=password)

    def dismiss(self, job_id: str) -> None:
        """Forget a job that has ended, and uploads of it that wait for another try.

        Raises `NotFound`, and `Conflict` for a job that has not ended.
        """
        self._batches.dismiss(job_id)

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


def _title(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} files"
