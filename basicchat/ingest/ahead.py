"""Reading the next files while the present one is embedded: a few of them, and never much text at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from basicchat.core.errors import Cancelled
from basicchat.core.protocols import Tell
from basicchat.core.types import Progress

MOST_FILES = 3
"""Files that are read, or wait to be taken after that, at one time."""
MOST_BYTES = 48 * 2**20
"""Bytes of files that are read ahead at one time; a larger one is read when its turn has come."""
WORKERS = 2
HEARTBEAT_SECONDS = 0.25
FORGOTTEN_SECONDS = 600.0
"""What nobody has taken for so long is dropped."""


class Readable(Protocol):
    """What says which file to read; two that are equal give the same reading."""

    @property
    def path(self) -> Path:
        """The file."""

    def __hash__(self) -> int: ...


W = TypeVar("W", bound=Readable)
R = TypeVar("R")


@dataclass
class _Slot(Generic[R]):
    size: int
    begun: float
    cancelled: threading.Event = field(default_factory=threading.Event)
    progress: dict[str, Progress] = field(default_factory=dict)
    future: Future[R] = field(default_factory=Future)

    @property
    def last(self) -> Progress:
        """How far it is."""
        return next(reversed(tuple(self.progress.values())), Progress("reading"))

    def tell(self, progress: Progress) -> None:
        if self.cancelled.is_set():
            raise Cancelled("Nobody waits for this file any more.")
        self.progress.pop(progress.stage, None)
        self.progress[progress.stage] = progress


class ReadAhead(Generic[W, R]):
    """Reads wanted files in threads of its own, in the order they were wanted, and hands each reading out once.

    Whoever takes a reading hears of each stage that it went through, however long ago that was.
    """

    def __init__(self, read: Callable[[W, Tell], R]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._waiting: dict[W, None] = {}
        self._slots: dict[W, _Slot[R]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def want(self, wanted: Iterable[W]) -> None:
        """Begin to read these when there is room. What is wanted already stays where it is."""
        with self._lock:
            self._waiting.update((each, None) for each in wanted if each not in self._slots)
            self._begin_more()

    def take(self, wanted: W, tell: Tell) -> R:
        """What the file holds: read by now, or soon, or here. Raises what reading it raised.

        ``tell`` hears how far it is, also while nothing moves, and what it raises stops the reading.
        """
        with self._lock:
            self._waiting.pop(wanted, None)
            slot = self._slots.get(wanted)
        if slot is None:
            return self._read(wanted, tell)
        try:
            while not slot.future.done():
                tell(slot.last)
                _wait(slot.future)
            for progress in tuple(slot.progress.values()):
                tell(progress)
        finally:
            dropped = slot.cancelled.is_set()
            self.forget([wanted])
        return self._read(wanted, tell) if dropped else slot.future.result()

    def forget(self, wanted: Iterable[W]) -> None:
        """Stop reading these and drop what was read of them."""
        with self._lock:
            for each in wanted:
                self._waiting.pop(each, None)
                if (slot := self._slots.pop(each, None)) is not None:
                    slot.cancelled.set()
            self._begin_more()

    def forget_where(self, paths: Set[Path]) -> None:
        """Stop reading these files, whatever else was said of them."""
        with self._lock:
            known = [*self._waiting, *self._slots]
        self.forget(each for each in known if each.path in paths)

    def close(self) -> None:
        """Stop everything and wait for it."""
        self.forget([*self._waiting, *self._slots])
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def _begin_more(self) -> None:
        """Begin as many readings as there is room for. The caller holds the lock."""
        oldest = time.monotonic() - FORGOTTEN_SECONDS
        for wanted, slot in list(self._slots.items()):
            if slot.future.done() and slot.begun < oldest:
                del self._slots[wanted]
        for wanted in list(self._waiting):
            size = _size(wanted.path)
            if size > MOST_BYTES:
                del self._waiting[wanted]
                continue
            if len(self._slots) >= MOST_FILES or sum(each.size for each in self._slots.values()) + size > MOST_BYTES:
                return
            del self._waiting[wanted]
            self._slots[wanted] = self._begun(wanted, size)

    def _begun(self, wanted: W, size: int) -> _Slot[R]:
        slot: _Slot[R] = _Slot(size, time.monotonic())
        if self._pool is None:
            self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="read-ahead")
        slot.future = self._pool.submit(self._run, wanted, slot)
        return slot

    def _run(self, wanted: W, slot: _Slot[R]) -> R:
        slot.tell(Progress("reading"))
        return self._read(wanted, slot.tell)


def _wait(future: Future[R]) -> None:
    """Wait a moment for it to end, however it ends."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    done.wait(HEARTBEAT_SECONDS)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever takes it is told
        return 0
