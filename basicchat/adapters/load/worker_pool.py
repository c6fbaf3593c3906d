"""The processes that read: started when needed, used again, recycled, watched, and all ended by `close`."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from basicchat.adapters.load.limits import MEGABYTE, ParseLimits
from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.adapters.load.reading import TICK, Reading
from basicchat.adapters.load.worker_process import CannotStart, WorkerProcess
from basicchat.core.errors import BasicChatError, Cancelled

COMMAND = ("-m", "basicchat.adapters.load.worker")
MOST_WORKERS = 4
FILES_EACH = 500
"""Files after which a process gives way to a new one."""
GROWN_MB = 700
"""Memory above which it does, too; models for recognition take some 300 MB of that."""
REST_SECONDS = 120.0
"""Idle processes are ended after so long, which gives their memory back."""
LOOK_SECONDS = 0.1


class WorkerPool:
    """Up to ``workers`` processes, 0 for one less than there are cores. Free to construct: nothing runs yet.

    Each process has a folder for temporary files in ``scratch``, which goes with it.
    A thread that has a file half read holds a process; it must not begin more files at once than there are processes.
    """

    def __init__(
        self,
        *,
        options: LoadOptions = DEFAULT_OPTIONS,
        limits: ParseLimits = ParseLimits(),  # noqa: B008 - frozen
        workers: int = 0,
        command: Sequence[str] = COMMAND,
        files_each: int = FILES_EACH,
        scratch: Path | None = None,
    ) -> None:
        self.limits = limits
        self._options = options
        self._most = workers or max(1, min(MOST_WORKERS, (os.cpu_count() or 2) - 1))
        self._command = tuple(command)
        self._files_each = files_each
        self._scratch = scratch
        self._changed = threading.Condition()
        self._idle: list[tuple[WorkerProcess, float]] = []
        self._busy: set[Reading] = set()
        self._taken = 0
        self._closed = False
        self._watch: threading.Thread | None = None
        # Linux ends a process with the thread that started it, so that thread must last as long as the pool.
        self._starter: ThreadPoolExecutor | None = None

    def begin(self, limits: ParseLimits, *, waiting: Callable[[], None]) -> Reading:
        """Take a process for one file; ``waiting`` is called from time to time until one is free, and may raise.

        Give it back with `end`. Raises `Cancelled` after `close`, and `BasicChatError` if no process can be started.
        """
        self._take_place(waiting)
        try:
            worker = self._rested() or self._started()
        except BaseException:
            self._give_place()
            raise
        reading = Reading(worker, limits)
        with self._changed:
            self._busy.add(reading)
            if self._closed:
                reading.stop(_closed())
            elif self._watch is None:
                self._watch = threading.Thread(target=self._look, daemon=True, name="watch over reading")
                self._watch.start()
            self._changed.notify_all()
        return reading

    def end(self, reading: Reading) -> None:
        """Give the process back; one that is not done with its file is killed."""
        worker = reading.worker
        with self._changed:
            self._busy.discard(reading)
        worker.files += 1
        fresh = reading.finished and not reading.spent and worker.running and worker.files < self._files_each
        keep = fresh and worker.memory(children=False) < GROWN_MB * MEGABYTE
        with self._changed:
            keep = keep and not self._closed
            if keep:
                self._idle.append((worker, time.monotonic()))
        try:
            if not keep:
                if not reading.finished:
                    worker.kill()
                worker.close()
        finally:
            self._give_place()

    def close(self) -> None:
        """End every process, also those that read. Twice is once."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            for reading in self._busy:
                reading.stop(_closed())
            self._changed.notify_all()
            starter, self._starter = self._starter, None
        for worker, _ in idle:
            worker.close()
        if self._watch is not None and self._watch is not threading.current_thread():
            self._watch.join()
        if starter is not None:
            starter.shutdown(wait=False)

    @property
    def pids(self) -> list[int]:
        """The processes that there are now."""
        with self._changed:
            return [worker.pid for worker, _ in self._idle] + [reading.worker.pid for reading in self._busy]

    def _take_place(self, waiting: Callable[[], None]) -> None:
        while True:
            with self._changed:
                if self._closed:
                    raise _closed()
                if self._taken < self._most:
                    self._taken += 1
                    return
                self._changed.wait(TICK)
            waiting()

    def _give_place(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def _process(self) -> WorkerProcess:
        return WorkerProcess(self._command, self._options, self.limits, folder=self._scratch)

    def _rested(self) -> WorkerProcess | None:
        """A process that waits for work. One that died meanwhile, whoever killed it, is put away."""
        while True:
            with self._changed:
                if not self._idle:
                    return None
                worker, _ = self._idle.pop()
            if worker.running:
                return worker
            worker.close()

    def _started(self) -> WorkerProcess:
        with self._changed:
            if self._closed:
                raise _closed()
            if self._starter is None:
                self._starter = ThreadPoolExecutor(1, thread_name_prefix="starts readers")
            starter = self._starter
        try:
            worker = starter.submit(self._process).result()
        except (OSError, RuntimeError) as error:
            raise _cannot_start(str(error)) from error
        try:
            worker.wait_until_ready()
        except CannotStart as error:
            worker.kill()
            worker.close()
            raise _cannot_start(str(error)) from error
        return worker

    def _look(self) -> None:
        """Runs in a thread of its own: kills what oversteps, ends what has rested too long."""
        while True:
            with self._changed:
                if self._closed:
                    return
                busy = list(self._busy)
                if not busy:
                    self._changed.wait(REST_SECONDS / 4 if self._idle else None)
            for reading in busy:
                reading.check()
            self._retire()
            if busy:
                time.sleep(LOOK_SECONDS)

    def _retire(self) -> None:
        oldest = time.monotonic() - REST_SECONDS
        with self._changed:
            old = [worker for worker, since in self._idle if since < oldest]
            self._idle = [(worker, since) for worker, since in self._idle if since >= oldest]
        for worker in old:
            worker.close()


def _closed() -> Cancelled:
    return Cancelled("The library was closed while a file was read.", hint="Start it again and add the file.")


def _cannot_start(why: str) -> BasicChatError:
    with suppress(IndexError):
        why = why.strip().splitlines()[-1]
    return BasicChatError(
        f"The process that reads files cannot be started ({why}).",
        hint="BASICCHAT_INGEST__ISOLATION=false reads within the program itself, with fewer protections.",
    )
