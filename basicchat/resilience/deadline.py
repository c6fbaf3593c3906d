"""A moment by which something must be over, and iterators that keep to it even when they hang."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Thread
from typing import Generic, Protocol, TypeVar, runtime_checkable

from basicchat.core.errors import Cancelled, DeadlineExceeded

T = TypeVar("T")

LOOK_SECONDS = 0.1  # how often a waiting thread looks whether somebody cancelled
STOP_SECONDS = 1.0  # how long to wait for an aborted source to let go


class Deadline:
    """A moment on the monotonic clock, handed down to everything that works towards one answer.

    It can be cancelled from any thread, which ends the work as if its time were up, but as `Cancelled`.
    """

    def __init__(self, at: float = math.inf, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.at = at
        self._clock = clock
        self._cancelled = Event()

    @classmethod
    def after(cls, seconds: float | None, *, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """That many seconds from now; None is never."""
        return cls(math.inf if seconds is None else clock() + seconds, clock=clock)

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """End the work as soon as it looks."""
        self._cancelled.set()

    def remaining(self) -> float:
        """Seconds left, never below 0, infinity if there is no limit."""
        return max(0.0, self.at - self._clock())

    def check(self) -> None:
        """Raise `Cancelled` or `DeadlineExceeded` if it is over."""
        if self.cancelled:
            raise Cancelled("It was stopped.")
        if self.remaining() <= 0:
            raise DeadlineExceeded("The time allowed is over.")

    def sleep(self, seconds: float) -> None:
        """Wait, but not past the deadline: raises at once if the wait would not fit."""
        if seconds >= self.remaining():
            raise DeadlineExceeded("The time allowed is over.")
        self._cancelled.wait(seconds)
        self.check()


@runtime_checkable
class Abortable(Protocol):
    """An iterator that another thread can stop while it waits."""

    def abort(self) -> None:
        """Stop now."""


class StreamGuard:
    """Runs iterators in threads of their own, so that one that hangs cannot hold its reader.

    A hanging iterator keeps its thread until it comes back, so at most ``limit`` may be under way; beyond that new
    ones are refused instead of piling up. Abortable iterators give their thread back at once.
    """

    def __init__(self, *, limit: int = 16) -> None:
        self._slots = BoundedSemaphore(limit)

    def watch(self, source: Iterator[T], deadline: Deadline) -> Generator[T]:
        """Items of ``source`` until it ends or the deadline passes. Closing stops the source too.

        Raises `DeadlineExceeded`, `Cancelled`, or whatever ``source`` raises.
        """
        deadline.check()
        if not self._slots.acquire(blocking=False):
            raise DeadlineExceeded("Too many earlier calls still hang.")
        pump = _Pump(source, done=self._slots.release)
        try:
            yield from pump.items(deadline)
        finally:
            pump.stop()


class _Pump(Generic[T]):
    """Moves items from a source that may block into a queue that can be waited for."""

    def __init__(self, source: Iterator[T], *, done: Callable[[], None]) -> None:
        self._source = source
        self._done = done
        self._queue: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True, name="guarded-stream")
        self._thread.start()

    def items(self, deadline: Deadline) -> Iterator[T]:
        while True:
            deadline.check()
            try:
                item = self._queue.get(timeout=min(LOOK_SECONDS, deadline.remaining()))
            except Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]

    def stop(self) -> None:
        self._stopped.set()
        if isinstance(self._source, Abortable) and self._thread.is_alive():
            self._source.abort()
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            self._move()
        except BaseException as error:  # noqa: BLE001 - not swallowed: raised again in the thread that waits
            self._queue.put(error)
        finally:
            self._done()

    def _move(self) -> None:
        try:
            for item in self._source:
                if self._stopped.is_set():
                    return
                self._queue.put((item,))
            self._queue.put(None)
        finally:
            close = getattr(self._source, "close", None)
            if close is not None:
                close()
