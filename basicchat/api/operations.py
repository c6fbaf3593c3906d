"""What another process of the same user may ask of the owner, by name."""

from __future__ import annotations

import inspect
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from basicchat.adapters.owner.wire import event_to_json
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import Cancelled, InvalidInput, NotFound
from basicchat.core.types import DEFAULT_COLLECTION, FileOutcome, Json, Progress
from basicchat.service.assistant import Assistant

CALLS: dict[str, Callable[[Assistant], Callable[..., Any]]] = {
    "search": lambda assistant: assistant.search,
    "doctor": lambda assistant: assistant.doctor,
    "library.documents": lambda assistant: assistant.library.documents,
    "library.document": lambda assistant: assistant.library.document,
    "library.collections": lambda assistant: assistant.library.collections,
    "tables.describe": lambda assistant: assistant.tables.describe,
    "tables.query": lambda assistant: assistant.tables.query,
    "library.remove": lambda assistant: assistant.library.remove,
    "embedder.status": lambda assistant: assistant.reindexing.status,
    "embedder.switch": lambda assistant: assistant.reindexing.switch,
    "embedder.back": lambda assistant: assistant.reindexing.back,
    "embedder.rebuild": lambda assistant: assistant.reindexing.rebuild,
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
    """Progress and outcomes as JSON, in the order they happen.

    The work runs in a thread of its own so that progress within a file is seen at once; closing the iterator
    cancels it at its next step.
    """

    def take(paths: Sequence[Path], collection: str = DEFAULT_COLLECTION) -> tuple[Sequence[Path], str]:
        return paths, collection

    paths, collection = take(**_decoded(take, arguments))
    items: queue.Queue[Json | BaseException | None] = queue.Queue(maxsize=100)
    stop = threading.Event()
    work = threading.Thread(target=_ingest_into, args=(assistant, paths, collection, items, stop), name="ingest-call")
    work.start()
    try:
        while (item := items.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        while work.is_alive():
            _drain(items)
            work.join(timeout=0.1)


def _ingest_into(
    assistant: Assistant,
    paths: Sequence[Path],
    collection: str,
    items: queue.Queue[Json | BaseException | None],
    stop: threading.Event,
) -> None:
    def report(path: str, progress: Progress) -> None:
        if stop.is_set():
            raise Cancelled("The caller went away.")
        items.put({"path": path, "progress": to_json(progress)})

    def outcome_item(outcome: FileOutcome) -> Json:
        return {"outcome": to_json(outcome)}

    try:
        for outcome in assistant.library.ingest(paths, collection=collection, report=report):
            items.put(outcome_item(outcome))
    except BaseException as error:  # noqa: BLE001 - handed to the thread that reads the queue, which raises it
        items.put(error)
    items.put(None)


def _drain(items: queue.Queue[Any]) -> None:
    while not items.empty():
        items.get_nowait()
