"""The process that reads files: ``python -m basicchat.adapters.load.worker``, spoken to over its pipes.

It is told once which options and limits hold, then reads one file after the other until its input ends. Whatever goes
wrong with a file is told as an error of that file; what it cannot tell any more, its parent sees from how it ended.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from basicchat.adapters.load.confine import allow_cpu, confine
from basicchat.adapters.load.limits import ParseLimits, gave_too_much, too_many_pages, took_too_much_memory
from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.wire import BadFrame, Message, packed, parts_of, read_frame, unpacked, written
from basicchat.core.codec import from_json
from basicchat.core.errors import BasicChatError, UnreadableDocument
from basicchat.core.protocols import Loader
from basicchat.core.types import LoadedDocument, Progress

_NO_MEMORY = re.compile(r"bad_alloc|(failed|cannot|unable) to allocate|cannot allocate memory", re.IGNORECASE)
"""How native libraries say that they got no memory."""

Make = Callable[[LoadOptions], Sequence[Loader]]

MOST = 1 << 20
"""Bytes of a request."""
HELD = 1 << 16
"""Bytes that may wait to be sent while a file of many small documents is read."""
PAUSE = 0.05
"""Seconds between two reports of progress within a stage."""
DETAIL = 2_000


def serve(make: Make) -> None:
    """Read files until the input ends. ``make`` gives the loaders."""
    if os.name == "posix":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = _pipes()
    start = next(_messages(requests), None)
    if start is None:
        return
    limits = from_json(ParseLimits, start["limits"])
    enforced = confine(limits, scratch=Path(start["scratch"]), parent=start["parent"])
    loaders = {kind: loader for loader in make(from_json(LoadOptions, start["options"])) for kind in loader.media_types}
    out = Replies(replies)
    out.send({"ready": list(enforced)}, now=True)
    inbox: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True, name="requests").start()
    while True:
        answer(inbox.get(), loaders, out)


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Where requests come from and replies go. What libraries print goes to the error stream from now on."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _listen(requests: IO[bytes], inbox: SimpleQueue[Message]) -> None:
    """Hand on requests; when the parent is gone, end at once, whatever is being read."""
    for request in _messages(requests):
        inbox.put(request)
    os._exit(0)


def _messages(requests: IO[bytes]) -> Iterator[Message]:
    while (data := read_frame(requests, most=MOST)) is not None:
        yield from unpacked(data)


class Replies:
    """Messages to the parent. Small ones wait for company, unless they are to go ``now``."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._held: list[bytes] = []
        self._size = 0
        self._sent_at = 0.0

    def send(self, message: Message, *, now: bool = False) -> int:
        """Send a message; its size in bytes."""
        data = written(message)
        self._held.append(data)
        self._size += len(data)
        if now or self._size > HELD or time.monotonic() - self._sent_at > PAUSE:
            self._stream.write(packed(self._held))
            self._stream.flush()
            self._held, self._size = [], 0
            self._sent_at = time.monotonic()
        return len(data)


class Steps:
    """Passes on how far the reading is, and moves the limit of computing forward with every step."""

    def __init__(self, out: Replies, limits: ParseLimits) -> None:
        self._out = out
        self._limits = limits
        self._last = Progress("")
        self._told_at = 0.0
        allow_cpu(limits.cpu_seconds)

    def tell(self, progress: Progress) -> None:
        """Hear of a step. Raises `UnreadableDocument` for more pages than allowed."""
        if (progress.stage, progress.done) == (self._last.stage, self._last.done):
            return
        allow_cpu(self._limits.cpu_seconds)
        if progress.unit == "pages" and max(progress.done, progress.total) > self._limits.pages:
            raise too_many_pages(self._limits)
        now = time.monotonic()
        if progress.stage != self._last.stage or now - self._told_at > PAUSE:
            told = {"stage": progress.stage, "done": progress.done, "total": progress.total, "unit": progress.unit}
            self._out.send({"progress": told}, now=True)
            self._told_at = now
        self._last = progress


def answer(request: Message, loaders: dict[str, Loader], out: Replies) -> None:
    """Read one file and tell what it holds, or what is wrong with it."""
    limits = from_json(ParseLimits, request["limits"])
    steps = Steps(out, limits)
    try:
        loader = loaders[request["media_type"]]
        path, name, password = Path(request["path"]), request["name"], request["password"]
        send_documents(loader.load(path, name=name, password=password, tell=steps.tell), limits, out)
    except BasicChatError as error:
        out.send(_told(error), now=True)
    except Exception as error:  # noqa: BLE001 - the edge of the process: the file's error, not the batch's
        out.send(_explained(error, limits), now=True)
    else:
        out.send({"done": True}, now=True)


def send_documents(documents: Iterable[LoadedDocument], limits: ParseLimits, out: Replies) -> None:
    """Send every document as it comes. Raises `UnreadableDocument` where they are more than allowed."""
    left = limits.output_mb * 2**20
    for document in documents:
        if len(document.pages) > limits.pages:
            raise too_many_pages(limits)
        if sum(len(page.text) for page in document.pages) > left:
            raise gave_too_much(limits)
        for part in parts_of(document):
            left -= out.send(part)
            if left < 0:
                raise gave_too_much(limits)
        allow_cpu(limits.cpu_seconds)


def _explained(error: Exception, limits: ParseLimits) -> Message:
    """What no loader foresaw, as an error of the file. A process that ran out of memory should not go on."""
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return {**_told(took_too_much_memory(limits), cause=error), "spent": True}
    if isinstance(error, OSError):
        what = f"The file cannot be read: {error.strerror or error}."
    elif isinstance(error, RecursionError):
        what = "The file is nested too deeply to be read."
    else:
        what = f"The reader of this format failed on this file ({type(error).__name__})."
    return _told(UnreadableDocument(what), cause=error)


def _told(error: BasicChatError, *, cause: Exception | None = None) -> Message:
    """An error as a message. Of an unforeseen ``cause`` the places in the code go to the log, not its words.

    They may quote the document.
    """
    message: Message = {"error": {"code": error.code, "message": str(error), "hint": error.hint}}
    if cause is not None:
        message["detail"] = f"{type(cause).__name__}: {''.join(traceback.format_tb(cause.__traceback__))[-DETAIL:]}"
    return message


def main() -> None:
    """Serve the loaders of every format."""
    from basicchat.adapters.load import default_loaders

    try:
        serve(default_loaders)
    except (BrokenPipeError, BadFrame):
        sys.exit(1)


if __name__ == "__main__":
    main()
