"""One run of a durable job: what it may say and ask, and why it stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from basicchat.adapters.queue.board import Board
from basicchat.adapters.queue.states import staged
from basicchat.core.errors import Cancelled, StoreError
from basicchat.core.types import Job, JobItem, JobState, Json

WRITE_SECONDS = 0.2
"""Progress is written at most this often a job; the end of a file or a step is written at once."""

MOST_CRASHES = 3
"""A step during which the program was killed so often is given up."""

KeepStep = Callable[[str, Callable[[], Json]], Json]


class Interrupted(BaseException):
    """Carries an error out of a step so that the engine keeps no result of it and runs it again later."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Attempt:
    """The context of a running job. ``keep_step`` does a step unless a kept result of it is there."""

    def __init__(self, job: Job, board: Board, keep_step: KeepStep, *, crashes: int) -> None:
        self.job = job
        self.heard = time.time()
        self.wanted: JobState | None = None
        """What somebody asked for: paused or cancelled."""
        self.leaving = False
        """The program ends: another run goes on with the job."""
        self.silenced = False
        """Given up by the watch; nothing of what it says counts any more."""
        self.stopped_for: JobState | None = None
        self._board = board
        self._keep_step = keep_step
        self._crashes = crashes
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._items: dict[int, JobItem] = {}
        self._written = 0.0

    @property
    def job_id(self) -> str:
        """The job that runs."""
        return self.job.id

    def check(self) -> None:
        """Raise `Cancelled` if it has to stop, for now or for good."""
        self.heard = time.time()
        if self.leaving or self.silenced or self.wanted is not None:
            self.stopped_for = self.wanted
            raise Cancelled(f"{self.job.title or self.job.kind} was stopped.")

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        """Say how far it is."""
        self.check()
        with self._lock:
            self._values = {"stage": staged(stage, note), "done": done, "total": total, "unit": unit}
        self._tell()

    def item(self, item: JobItem) -> None:
        """Say how a file stands. It is written even where this raises."""
        with self._lock:
            self._items[item.ordinal] = item
        self._tell(now=item.status is not None)
        self.check()

    def step(self, name: str, run: Callable[[], Json]) -> Json:
        """Do a part of the job once. Raises `StoreError` for one that was given up; see `MOST_CRASHES`."""
        self.check()
        try:
            kept = self._keep_step(name, lambda: self._once(name, run))
        except Interrupted as interrupted:
            raise interrupted.error from None
        if not isinstance(kept, dict):
            raise StoreError(f"The kept result of {name} is damaged.", hint="Start the work again.")
        if "gave up" in kept:
            raise StoreError(str(kept["gave up"]), hint="Leave this file out, or try it alone.")
        return kept.get("result")

    def flush(self) -> None:
        """Write what was said and not yet written."""
        self._tell(now=True)

    def _once(self, name: str, run: Callable[[], Json]) -> Json:
        if self._crashes >= MOST_CRASHES:
            self._survived()
            return {"gave up": f"BasicChat was ended {MOST_CRASHES} times while it was at {name}."}
        try:
            result = run()
        except Exception as error:
            raise Interrupted(error) from error
        self._survived()
        return {"result": result}

    def _survived(self) -> None:
        self.heard = time.time()
        with self._lock:
            if self._crashes:
                self._crashes = 0
                self._values["crashes"] = 0
        self._tell(now=True)

    def _tell(self, *, now: bool = False) -> None:
        with self._lock:
            due = now or time.monotonic() - self._written >= WRITE_SECONDS
            if self.silenced or not due or not (self._values or self._items):
                return
            self._board.change(self.job.id, items=self._items.values(), at=self.heard, **self._values)
            self._values, self._items = {}, {}
            self._written = time.monotonic()
