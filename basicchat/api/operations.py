"""What another process of the same user may ask of the owner, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from basicchat.adapters.owner.wire import event_to_json
from basicchat.api.background import Report, told
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.types import DEFAULT_COLLECTION, Json
from basicchat.service.assistant import Assistant
from basicchat.service.quality import QUESTIONS

CALLS: dict[str, Callable[[Assistant], Callable[..., Any]]] = {
    "search": lambda assistant: assistant.search,
    "doctor": lambda assistant: assistant.doctor,
    "library.documents": lambda assistant: assistant.library.documents,
    "library.document": lambda assistant: assistant.library.document,
    "library.page": lambda assistant: assistant.library.page,
    "library.collections": lambda assistant: assistant.library.collections,
    "tables.describe": lambda assistant: assistant.tables.describe,
    "tables.query": lambda assistant: assistant.tables.query,
    "library.chunks": lambda assistant: assistant.library.chunks,
    "library.remove": lambda assistant: assistant.library.remove,
    "library.job": lambda assistant: assistant.library.job,
    "library.problems": lambda assistant: assistant.library.problems,
    "library.retry": lambda assistant: assistant.library.retry,
    "library.dismiss": lambda assistant: assistant.library.dismiss,
    "curation.entries": lambda assistant: assistant.curation.entries,
    "curation.tags": lambda assistant: assistant.curation.tags,
    "curation.tag": lambda assistant: assistant.curation.tag,
    "curation.untag": lambda assistant: assistant.curation.untag,
    "curation.move": lambda assistant: assistant.curation.move,
    "curation.remove": lambda assistant: assistant.curation.remove,
    "curation.edit_chunk": lambda assistant: assistant.curation.edit_chunk,
    "curation.history": lambda assistant: assistant.curation.history,
    "curation.rollback": lambda assistant: assistant.curation.rollback,
    "jobs.find": lambda assistant: assistant.jobs.find,
    "jobs.get": lambda assistant: assistant.jobs.get,
    "jobs.pause": lambda assistant: assistant.jobs.pause,
    "jobs.resume": lambda assistant: assistant.jobs.resume,
    "jobs.cancel": lambda assistant: assistant.jobs.cancel,
    "research.submit": lambda assistant: assistant.research.submit,
    "research.all": lambda assistant: assistant.research.all,
    "research.study": lambda assistant: assistant.research.study,
    "research.export": lambda assistant: assistant.research.export,
    "research.pause": lambda assistant: assistant.research.pause,
    "research.resume": lambda assistant: assistant.research.resume,
    "research.cancel": lambda assistant: assistant.research.cancel,
    "research.forget": lambda assistant: assistant.research.forget,
    "folders.all": lambda assistant: assistant.folders.all,
    "folders.add": lambda assistant: assistant.folders.add,
    "folders.files": lambda assistant: assistant.folders.files,
    "folders.remove": lambda assistant: assistant.folders.remove,
    "folders.pause": lambda assistant: assistant.folders.pause,
    "folders.submit": lambda assistant: assistant.folders.submit,
    "traces.answers": lambda assistant: assistant.traces.answers,
    "traces.get": lambda assistant: assistant.traces.get,
    "embedder.status": lambda assistant: assistant.reindexing.status,
    "embedder.switch": lambda assistant: assistant.reindexing.switch,
    "embedder.back": lambda assistant: assistant.reindexing.back,
    "embedder.rebuild": lambda assistant: assistant.reindexing.rebuild,
    "embedder.complete": lambda assistant: assistant.reindexing.complete,
    "embedder.drop_old": lambda assistant: assistant.reindexing.drop_old,
}


def call(assistant: Assistant, operation: str, arguments: dict[str, Json]) -> Json:
    """Run one operation with arguments decoded by the type hints of the method that does it.

    Raises `NotFound` for an operation that is not listed and `InvalidInput` for arguments that do not fit.
    """
    if operation not in CALLS:
        raise NotFound(f"There is no operation {operation}.", hint="Update the older of the two BasicChats.")
    method = CALLS[operation](assistant)
    return to_json(method(**_decoded(method, arguments)))


def _decoded(method: Callable[..., Any], arguments: dict[str, Json]) -> dict[str, Any]:
    hints = get_type_hints(method)
    try:
        inspect.signature(method).bind(**arguments)
        return {name: from_json(hints[name], value) for name, value in arguments.items()}
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidInput(f"The arguments do not fit: {error}.") from error


def stream_answer(assistant: Assistant, arguments: dict[str, Json]) -> Iterator[Json]:
    """The events of an answer as JSON."""
    events = assistant.stream(**_decoded(assistant.stream, arguments))
    try:
        for event in events:
            yield event_to_json(event)
    finally:
        if close := getattr(events, "close", None):
            close()


def stream_ingest(assistant: Assistant, arguments: dict[str, Json]) -> Iterator[Json]:
    """Progress and outcomes as JSON, in the order they happen."""

    def take(paths: Sequence[Path], collection: str = DEFAULT_COLLECTION) -> tuple[Sequence[Path], str]:
        return paths, collection

    paths, collection = take(**_decoded(take, arguments))

    def work(report: Report) -> Iterator[Json]:
        for outcome in assistant.library.ingest(paths, collection=collection, report=report):
            yield {"outcome": to_json(outcome)}

    return told(work)


def stream_sync(assistant: Assistant, arguments: dict[str, Json]) -> Iterator[Json]:
    """Progress of following folders as JSON, then a report a folder."""

    def take(folder: str | None = None, again: bool = False) -> tuple[str | None, bool]:
        return folder, again

    folder, again = take(**_decoded(take, arguments))

    def work(report: Report) -> Iterator[Json]:
        for done in assistant.folders.sync(folder, again=again, report=report):
            yield {"folder": to_json(done)}

    return told(work)


def stream_check(assistant: Assistant, arguments: dict[str, Json]) -> Iterator[Json]:
    """Progress of a check of the library as JSON, then what it found."""

    def take(collection: str = DEFAULT_COLLECTION, count: int = QUESTIONS, model: str = "") -> tuple[str, int, str]:
        return collection, count, model

    collection, count, model = take(**_decoded(take, arguments))

    def work(report: Report) -> Iterator[Json]:
        yield {"checked": assistant.quality.checked(collection, count, model, report)}

    return told(work)
