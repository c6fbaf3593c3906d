"""Background work that survives the end of the program: jobs go on after their last finished step."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from basicchat.adapters.queue.attempt import Attempt
from basicchat.adapters.queue.board import Board
from basicchat.adapters.queue.engine import Engine
from basicchat.adapters.queue.states import ENDED, RESTING, RESUMABLE, Handler, reason
from basicchat.core.errors import (
    BasicChatError,
    Cancelled,
    Conflict,
    DeadlineExceeded,
    InvalidInput,
    StoreError,
)
from basicchat.core.types import Job, JobItem, JobState, Json

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.5
"""How often silent jobs are looked for, and whether the engine may rest."""

STOP_SECONDS = 60.0
"""How long closing waits for a job that says nothing."""


class DurableJobQueue:
    """Runs ``workers`` jobs at a time in the order they were submitted; ``folder`` holds what survives the process.

    Nothing runs, and no engine is loaded, before `start` finds something to do or a job is submitted. A job that says
    nothing for ``stale_seconds`` has failed. The engine stops when there was nothing to do for ``rest_seconds``.
    The last ``keep`` jobs that ended are kept.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        keep: int = 500,
        stale_seconds: float = 900.0,
        rest_seconds: float = 30.0,
        poll_seconds: float = 0.2,
    ) -> None:
        self._board = Board(folder / "board.sqlite")
        self._engine = Engine(folder, self._run, workers=workers, poll_seconds=poll_seconds)
        self._most = keep
        self._stale_seconds = stale_seconds
        self._rest_seconds = rest_seconds
        self._changed = threading.Condition()
        self._handlers: dict[str, Handler] = {}
        self._attempts: dict[str, Attempt] = {}
        self._offered: set[str] = set()
        self._to_lay_aside: set[str] = set()
        self._keeper: threading.Thread | None = None
        self._closed = False
        self._busy_at = 0.0

    def register(self, kind: str, handler: Handler) -> None:
        """Say what runs jobs of a kind. A job is run once its kind is known."""
        with self._changed:
            self._handlers[kind] = handler
            self._changed.notify_all()

    def start(self) -> None:
        """Go on with what an earlier process left unfinished. Twice is once."""
        with self._changed:
            self._check_open()
            if self._keeper is None and self._waiting():
                self._keep_going()

    def submit(self, kind: str, payload: Json, *, title: str = "", key: str = "") -> Job:
        """Queue a job, or return the one of this ``key`` that has not ended.

        Raises `InvalidInput` for a kind that nobody registered.
        """
        now = time.time()
        with self._changed:
            self._check_open()
            if kind not in self._handlers:
                raise InvalidInput(f"Nothing here runs jobs of the kind {kind!r}.")
            if key and (same := self._board.unfinished(key=key)):
                return same[0]
            job = Job(uuid.uuid4().hex, kind, title, JobState.QUEUED, created_at=now, updated_at=now)
            self._board.add(job, payload, key=key)
            self._keep_going()
        return job

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        return self._board.get(job_id)

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        return self._board.find(kind=kind)

    def items(self, job_id: str) -> list[JobItem]:
        """What is known of the job's files, by ordinal. Raises `NotFound`."""
        return self._board.items(job_id)

    def payload(self, job_id: str) -> Json:
        """What the job was submitted with. Raises `NotFound`."""
        return self._board.payload(job_id)

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""
        self._ask(job_id, JobState.CANCELLED)

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""
        self._ask(job_id, JobState.PAUSED)

    def resume(self, job_id: str) -> None:
        """Go on after the last finished step with a job that is paused, failed or cancelled. Raises `NotFound`."""
        with self._changed:
            self._check_open()
            attempt = self._attempts.get(job_id)
            if attempt is not None:
                if attempt.wanted is JobState.PAUSED:
                    attempt.wanted = None
            elif self._board.get(job_id).state in RESUMABLE:
                self._again(job_id)

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound`, and `Conflict` for one that has not ended."""
        with self._changed:
            if self._board.get(job_id).state not in ENDED:
                raise Conflict("The job has not ended.", hint="Stop it first.")
            self._board.remove(job_id)

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until it ends or is paused, at most ``timeout`` seconds. Raises `DeadlineExceeded`."""
        until = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while (job := self._board.get(job_id)).state not in RESTING:
                left = None if until is None else until - time.monotonic()
                if self._closed or (left is not None and left <= 0):
                    raise DeadlineExceeded(f"{job.title or job.kind} has not ended yet.")
                self._changed.wait(left)
        return job

    def close(self) -> None:
        """Stop what runs and wait until it has. The next start goes on with it."""
        with self._changed:
            self._closed = True
            for attempt in self._attempts.values():
                attempt.leaving = True
            self._changed.notify_all()
            keeper = self._keeper
        if keeper is not None:
            keeper.join()
            self._keeper = None
        self._board.close()

    # ------------------------------------------------------------ asking

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The job queue is closed.")

    def _ask(self, job_id: str, state: JobState) -> None:
        with self._changed:
            job = self._board.get(job_id)
            attempt = self._attempts.get(job_id)
            if attempt is not None:
                if attempt.wanted is not JobState.CANCELLED:
                    attempt.wanted = state
            elif job.state not in ENDED:
                self._rest(job_id, state)

    def _rest(self, job_id: str, state: JobState, **values: Any) -> None:
        """Write that a job ended or paused. Its steps stay kept, unless it is done."""
        self._board.change(job_id, state=state, crashes=0, **values)
        if state is not JobState.DONE:
            self._to_lay_aside.add(job_id)
        self._offered.discard(job_id)
        self._changed.notify_all()

    def _again(self, job_id: str) -> None:
        """Let a job go on after its last finished step."""
        self._board.change(job_id, state=JobState.QUEUED, error=None, crashes=0)
        self._offered.discard(job_id)
        self._keep_going()

    # ------------------------------------------------------------ running, in a thread of the engine

    def _run(self, job_id: str) -> bool:
        """Run a job, or what is left of it; whether it is done."""
        with self._changed:
            found = self._board.seek(job_id)
            if found is not None and found.state is JobState.DONE:
                return True
            handler = self._handlers.get(found.kind) if found is not None else None
            if found is None or handler is None or found.state in RESTING or self._closed:
                self._to_lay_aside.add(job_id)
                self._offered.discard(job_id)
                return False
            crashes = self._board.begin(job_id)
            attempt = self._attempts[job_id] = Attempt(found, self._board, Engine.step, crashes=crashes)
        return self._finish(attempt, handler)

    def _finish(self, attempt: Attempt, handler: Handler) -> bool:
        job = attempt.job
        try:
            result = handler(self._board.payload(job.id), attempt)
        except Cancelled:
            return self._stopped(attempt)
        except BasicChatError as error:
            return self._ended(attempt, JobState.FAILED, error=reason(error))
        except Exception as error:
            log.exception("a job of the kind %s failed", job.kind)
            return self._ended(attempt, JobState.FAILED, error=reason(error))
        return self._ended(attempt, JobState.DONE, result=result)

    def _ended(self, attempt: Attempt, state: JobState, **values: Any) -> bool:
        with self._changed:
            attempt.flush()
            if self._attempts.get(attempt.job_id) is not attempt:  # given up by the watch
                return False
            del self._attempts[attempt.job_id]
            self._rest(attempt.job_id, state, **values)
        return state is JobState.DONE

    def _stopped(self, attempt: Attempt) -> bool:
        with self._changed:
            attempt.flush()
            if self._attempts.get(attempt.job_id) is not attempt:
                return False
            del self._attempts[attempt.job_id]
            if attempt.leaving and attempt.wanted is None:  # the engine finds it unfinished when it starts again
                self._board.change(attempt.job_id, state=JobState.QUEUED)
                self._changed.notify_all()
            elif attempt.stopped_for is JobState.PAUSED and attempt.wanted is None:  # resumed while it was stopping
                self._to_lay_aside.add(attempt.job_id)
                self._again(attempt.job_id)
            else:
                self._rest(attempt.job_id, attempt.wanted or JobState.CANCELLED)
        return False

    # ------------------------------------------------------------ keeping it going, in a thread of its own

    def _keep_going(self) -> None:
        self._busy_at = time.monotonic()
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="jobs", daemon=True)
            self._keeper.start()
            _before_threads_are_joined(weakref.WeakMethod(self.close))
        self._changed.notify_all()

    def _waiting(self) -> list[str]:
        """Jobs that the engine ought to have and was not told of, oldest first."""
        unfinished = (job for job in self._board.unfinished() if job.state is not JobState.PAUSED)
        return [job.id for job in unfinished if job.id not in self._offered and job.kind in self._handlers]

    def _keep(self) -> None:
        """Bring the engine in line with the board, until the queue is closed."""
        while not self._closed:
            try:
                self._attend()
            except StoreError as error:
                log.exception("background jobs cannot run")
                self._give_up(reason(error))
            with self._changed:
                if not self._closed and not (self._to_lay_aside or self._waiting()):
                    self._changed.wait(WATCH_SECONDS if self._engine.launched else None)
        self._await_attempts()
        self._lay_aside()
        self._engine.destroy()

    def _attend(self) -> None:
        with self._changed:
            waiting = self._waiting()
        if waiting and not self._engine.launched:
            if not self._engine.launch():
                time.sleep(WATCH_SECONDS)  # another library of this process has it; its turn ends
                return
            self._board.trim(self._most)
            kept = {job.id for job in self._board.find() if job.state is not JobState.DONE}
            self._engine.tidy(lambda job_id: job_id in kept)
        self._lay_aside()
        for job_id in waiting:
            with self._changed:
                self._offered.add(job_id)
            self._engine.offer(job_id)
        self._watch()
        self._rest_when_idle()

    def _lay_aside(self) -> None:
        with self._changed:
            aside, self._to_lay_aside = self._to_lay_aside, set()
        if self._engine.launched:
            for job_id in aside:
                self._engine.lay_aside(job_id)

    def _watch(self) -> None:
        """Give up jobs that have said nothing for too long."""
        oldest = time.time() - self._stale_seconds
        with self._changed:
            for attempt in [attempt for attempt in self._attempts.values() if attempt.heard < oldest]:
                attempt.silenced = True
                del self._attempts[attempt.job_id]
                since = datetime.fromtimestamp(attempt.heard).strftime("%H:%M:%S")  # noqa: DTZ006 - the clock on the wall
                self._rest(attempt.job_id, JobState.FAILED, error=f"No sign of life since {since}. Try it again.")

    def _rest_when_idle(self) -> None:
        with self._changed:
            if self._attempts or self._offered or self._to_lay_aside or self._waiting():
                self._busy_at = time.monotonic()
                return
        if self._engine.launched and time.monotonic() - self._busy_at > self._rest_seconds:
            self._engine.destroy()

    def _give_up(self, why: str) -> None:
        with self._changed:
            for job_id in self._waiting():
                self._board.change(job_id, state=JobState.FAILED, error=why)
            self._changed.notify_all()

    def _await_attempts(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        with self._changed:
            while self._attempts and time.monotonic() < until:
                for attempt in self._attempts.values():
                    attempt.leaving = True
                self._changed.wait(WATCH_SECONDS)


def _before_threads_are_joined(close: Callable[[], Callable[[], None] | None]) -> None:
    """Close a queue that is still there when the program ends.

    The interpreter waits for the engine's threads before it calls what `atexit` knows, so an endless job would keep
    it from ever getting there. Where the library has no such hook, such a program has to be closed or killed.
    """
    import concurrent.futures.thread  # noqa: F401 - hooks run last first: the one that waits must be there already

    def close_if_there() -> None:
        if (method := close()) is not None:
            method()

    if register := getattr(threading, "_register_atexit", None):
        register(close_if_there)
