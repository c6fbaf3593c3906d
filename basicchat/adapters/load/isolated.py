"""Loaders whose reading happens in a process of its own. To the pipeline they are loaders like any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from basicchat.adapters.load.encoding import UNOPENED
from basicchat.adapters.load.limits import ParseLimits, crashed
from basicchat.adapters.load.reading import Reading, Silence
from basicchat.adapters.load.wire import BadFrame, Draft, Message
from basicchat.adapters.load.worker_pool import WorkerPool
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import BasicChatError, UnreadableDocument, error_from
from basicchat.core.protocols import Loader, Tell, silent
from basicchat.core.types import LoadedDocument, Progress
from basicchat.telemetry.log import logger


def isolated(loaders: Sequence[Loader], pool: WorkerPool) -> tuple[Loader, ...]:
    """The same formats as ``loaders``, read by processes of ``pool``, whose command must serve loaders for them."""
    return tuple(IsolatedLoader(loader.media_types, pool) for loader in loaders)


class IsolatedLoader:
    """Reads files of its formats in a worker process, within limits.

    A crash, a hang or too great a hunger of the reader is an `UnreadableDocument` that says so, and concerns that
    file alone. ``tell`` is called about twice a second while there is nothing new, so that what it raises
    stops the reading at once.
    """

    def __init__(self, media_types: frozenset[str], pool: WorkerPool) -> None:
        self.media_types = media_types
        self._pool = pool

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields what the loader yields, one document behind it. Raises what it raises, and `UnreadableDocument`."""
        limits = self._pool.limits.for_size(_size(path))
        held: LoadedDocument | None = None
        reading = self._pool.begin(limits, waiting=lambda: tell(Progress("waiting")))
        try:
            reading.worker.send(self._request(path, name, password, limits))
            draft = Draft()
            while isinstance(message := _next(reading, tell), dict):
                document = _added(draft, message)
                if document is not None and held is not None:
                    yield held
                held = document or held
        finally:
            self._pool.end(reading)
        if held is not None:
            yield held
        if message is not None:
            raise message

    def _request(self, path: Path, name: str, password: str, limits: ParseLimits) -> Message:
        return {
            "path": str(path.absolute()),
            "name": name,
            "password": password,
            "media_type": min(self.media_types),
            "limits": to_json(limits),
        }


def _next(reading: Reading, tell: Tell) -> Message | BasicChatError | None:
    """The next part of a document, the error that ended the reading, or None at the end. Raises what ``tell`` does."""
    last = Progress("reading")
    while True:
        try:
            message = reading.next()
        except Silence:
            tell(last)
            continue
        except BasicChatError as error:
            return error
        if "progress" in message:
            last = _progress(message)
            tell(last)
        elif "error" in message:
            reading.finished, reading.spent = True, "spent" in message
            return _error(message)
        elif "done" in message:
            reading.finished = True
            return None
        else:
            return message


def _added(draft: Draft, message: Message) -> LoadedDocument | None:
    try:
        return draft.add(message)
    except BadFrame as error:
        raise crashed("it answered nonsense") from error


def _progress(message: Message) -> Progress:
    try:
        return from_json(Progress, message["progress"])
    except (TypeError, ValueError) as error:
        raise crashed("it answered nonsense") from error


def _error(message: Message) -> BasicChatError:
    told = message["error"]
    if "detail" in message:
        logger("load").warning("reader_failed", code=str(told.get("code")), detail=str(message["detail"]))
    return error_from(str(told.get("code")), str(told.get("message")), str(told.get("hint", "")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be opened: {error.strerror or error}.", hint=UNOPENED) from error
