"""The library of another process, with the methods of the assistant that owns it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from basicchat.adapters.owner.curation import RemoteCuration
from basicchat.adapters.owner.folders import RemoteFolders
from basicchat.adapters.owner.jobs import RemoteBatches, RemoteJobs
from basicchat.adapters.owner.lock import OwnerCard
from basicchat.adapters.owner.research import RemoteResearch
from basicchat.adapters.owner.traces import RemoteTraces
from basicchat.adapters.owner.wire import error_from_json, event_from_json
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import StoreError
from basicchat.core.events import Event, answer_of
from basicchat.core.filters import EVERYTHING, Filter
from basicchat.core.generations import EmbedderStatus
from basicchat.core.types import (
    DEFAULT_COLLECTION,
    Answer,
    Check,
    Chunk,
    Document,
    FileOutcome,
    Hit,
    Job,
    Json,
    Page,
    Progress,
    Table,
    TableInfo,
)

T = TypeVar("T")

Report = Callable[[str, Progress], None]

TIMEOUT = httpx.Timeout(600.0, connect=2.0)
"""Seconds. Reading waits long: a big file or a slow model may be quiet for minutes."""

ANSWER_SECONDS = 10.0
"""How long an owner may take to say that it is there: on a busy machine it can be seconds just after its start."""


class OwnerClient:
    """Calls the owner. Raises the error that the owner raised, or `StoreError` when it does not answer."""

    def __init__(self, card: OwnerCard) -> None:
        self._http = httpx.Client(
            base_url=card.url, headers={"Authorization": f"Bearer {card.token}"}, timeout=TIMEOUT, trust_env=False
        )

    def answers(self) -> bool:
        """Whether the owner takes calls now."""
        try:
            return self._http.get("/health", timeout=ANSWER_SECONDS).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def call(self, operation: str, **arguments: Any) -> Json:
        """The JSON result of one operation."""
        with _translated():
            response = self._http.post(f"/call/{operation}", json=to_json(arguments))
        return _result(response.json())

    def stream(self, operation: str, **arguments: Any) -> Iterator[Json]:
        """The JSON items of one operation. Closing the iterator tells the owner to stop."""
        with (
            _translated(),
            self._http.stream("POST", f"/stream/{operation}", json=to_json(arguments)) as response,
        ):
            for line in response.iter_lines():
                if line:
                    yield _result(json.loads(line))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise StoreError(
            "The BasicChat that owns this library does not answer.", hint="Close it, then run the command again."
        ) from error
    except json.JSONDecodeError as error:
        raise StoreError("The BasicChat that owns this library answered something odd.") from error


def _result(data: Json) -> Json:
    if not isinstance(data, dict):
        raise StoreError("The BasicChat that owns this library answered something odd.")
    if "error" in data:
        raise error_from_json(data["error"])
    return data.get("result")


class RemoteLibrary(RemoteBatches):
    """The documents of the owner."""

    def __init__(self, client: OwnerClient) -> None:
        super().__init__(client)
        self._client: OwnerClient = client

    def documents(self, collection: str | None = None) -> list[Document]:
        """Documents, newest first."""
        return from_json(list[Document], self._client.call("library.documents", collection=collection))

    def document(self, document_id: str) -> Document:
        """One document. Raises `NotFound`."""
        return from_json(Document, self._client.call("library.document", document_id=document_id))

    def page(self, document_id: str, number: int) -> Page:
        """A page, from 1. Raises `NotFound`."""
        return from_json(Page, self._client.call("library.page", document_id=document_id, number=number))

    def collections(self) -> list[str]:
        """Names of the collections."""
        return from_json(list[str], self._client.call("library.collections"))

    def chunks(self, document_id: str) -> list[Chunk]:
        """The passages of a document, in order. Raises `NotFound`."""
        return from_json(list[Chunk], self._client.call("library.chunks", document_id=document_id))

    def remove(self, document_id: str) -> None:
        """Forget a document. Raises `NotFound`."""
        self._client.call("library.remove", document_id=document_id)

    def ingest(
        self, paths: Sequence[Path], *, collection: str = DEFAULT_COLLECTION, report: Report | None = None
    ) -> Iterator[FileOutcome]:
        """Take files in, one outcome a file. Paths are made absolute: the owner runs in another folder."""
        absolute = [Path(path).absolute() for path in paths]
        given = {str(path.absolute()): str(path) for path in map(Path, paths)}
        for item in self._client.stream("library.ingest", paths=absolute, collection=collection):
            if not isinstance(item, dict):
                continue
            if "outcome" in item:
                outcome = from_json(FileOutcome, item["outcome"])
                yield _as_given(outcome, given)
            elif report is not None:
                report(str(item.get("path")), from_json(Progress, item.get("progress")))


def _as_given(outcome: FileOutcome, given: dict[str, str]) -> FileOutcome:
    values = to_json(outcome)
    if isinstance(values, dict):
        values["path"] = given.get(outcome.path, outcome.path)
    return from_json(FileOutcome, values)


class RemoteTables:
    """The tables of the owner's documents."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    def describe(self, *, collection: str | None = None) -> list[TableInfo]:
        """What a query may name."""
        return from_json(list[TableInfo], self._client.call("tables.describe", collection=collection))

    def query(
        self, sql: str, *, limit: int = 1000, collection: str | None = None, document_ids: Sequence[str] | None = None
    ) -> Table:
        """The result of one SELECT within a collection or some documents. Raises `InvalidInput`."""
        within = {"collection": collection, "document_ids": None if document_ids is None else list(document_ids)}
        return from_json(Table, self._client.call("tables.query", sql=sql, limit=limit, **within))


class RemoteEmbedders:
    """The embedders of the owner."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    def status(self) -> EmbedderStatus:
        """How things stand."""
        return from_json(EmbedderStatus, self._client.call("embedder.status"))

    def switch(self, embedder: str) -> Job | None:
        """Let another embedder find passages once its index is built."""
        job = self._client.call("embedder.switch", embedder=embedder)
        return None if job is None else from_json(Job, job)

    def back(self) -> Job:
        """Let the embedder before this one find passages again. Raises `NotFound`."""
        return from_json(Job, self._client.call("embedder.back"))

    def rebuild(self) -> Job:
        """Build the index anew."""
        return from_json(Job, self._client.call("embedder.rebuild"))

    def complete(self, report: Report | None = None) -> int:
        """Index what is not indexed; how many documents that were. Nothing is reported."""
        return from_json(int, self._client.call("embedder.complete"))

    def drop_old(self) -> str:
        """Throw away what the embedder before this one left. Raises `NotFound`."""
        return str(self._client.call("embedder.drop_old"))


class RemoteQuality:
    """The check of the owner's library."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    def checked(
        self, collection: str = DEFAULT_COLLECTION, count: int = 100, model: str = "", report: Report | None = None
    ) -> Json:
        """What the check found. Raises `NotFound` where there is nothing to ask about."""
        found: Json = None
        for item in self._client.stream("quality.check", collection=collection, count=count, model=model):
            if not isinstance(item, dict):
                continue
            if "checked" in item:
                found = item["checked"]
            elif report is not None:
                report(str(item.get("path")), from_json(Progress, item.get("progress")))
        return found


class RemoteAssistant:
    """What a command needs of the assistant, done by the process that owns the library."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client
        self.library = RemoteLibrary(client)
        self.curation = RemoteCuration(client)
        self.jobs = RemoteJobs(client)
        self.folders = RemoteFolders(client)
        self.reindexing = RemoteEmbedders(client)
        self.tables = RemoteTables(client)
        self.quality = RemoteQuality(client)
        self.research = RemoteResearch(client)
        self.traces = RemoteTraces(client)

    def search(
        self,
        text: str,
        *,
        collection: str = DEFAULT_COLLECTION,
        document_ids: Sequence[str] = (),
        only: Filter = EVERYTHING,
        top_k: int = 10,
    ) -> list[Hit]:
        """Passages for a question, best first."""
        where = {"collection": collection, "document_ids": list(document_ids), "only": only}
        data = self._client.call("search", text=text, top_k=top_k, **where)
        return from_json(list[Hit], data)

    def stream(self, question: str, **options: Any) -> Iterator[Event]:
        """The events of an answer."""
        items = self._client.stream("stream", question=question, **options)
        try:
            for item in items:
                yield event_from_json(item)
        finally:
            items.close()  # type: ignore[attr-defined]

    def ask(self, question: str, **options: Any) -> Answer:
        """A whole answer. Raises the error that kept it from being made."""
        return answer_of(self.stream(question, **options))

    def ingest(self, paths: Sequence[Path], *, collection: str = DEFAULT_COLLECTION) -> list[FileOutcome]:
        """Take files in."""
        return list(self.library.ingest(paths, collection=collection))

    def doctor(self, *, repair: bool = False, deep: bool = False) -> list[Check]:
        """Look the owner over."""
        return from_json(list[Check], self._client.call("doctor", repair=repair, deep=deep))

    def close(self) -> None:
        """Let go of the owner."""
        self._client.close()

    def __enter__(self) -> RemoteAssistant:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
