"""Work that tells how far it is, as one stream of items."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from basicchat.core.codec import to_json
from basicchat.core.errors import Cancelled
from basicchat.core.types import Json, Progress

Report = Callable[[str, Progress], None]
Work = Callable[[Report], Iterator[Json]]

_Items = queue.Queue[Json | BaseException | None]


def told(work: Work) -> Iterator[Json]:
    """Items of the work and, in between and at once, what it reports.

    The work runs in a thread of its own so that progress within an item is seen; closing the iterator cancels it at
    its next step.
    """
    items: _Items = queue.Queue(maxsize=100)
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(work, items, stop), name="call")
    thread.start()
    try:
        while (item := items.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        while thread.is_alive():
            _drain(items)
            thread.join(timeout=0.1)


def _run(work: Work, items: _Items, stop: threading.Event) -> None:
    def report(name: str, progress: Progress) -> None:
        if stop.is_set():
            raise Cancelled("The caller went away.")
        items.put({"path": name, "progress": to_json(progress)})

    try:
        for item in work(report):
            items.put(item)
    except BaseException as error:  # noqa: BLE001 - handed to the thread that reads the queue, which raises it
        items.put(error)
    items.put(None)


def _drain(items: queue.Queue[Any]) -> None:
    while not items.empty():
        items.get_nowait()
