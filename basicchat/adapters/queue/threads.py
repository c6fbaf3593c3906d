"""Background work in threads of this process. Jobs are gone when it ends: what they did is in the store."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from basicchat.adapters.queue.states import ENDED, RESUMABLE, Handler, reason, staged
from basicchat.core.errors import (
    BasicChatError,
    Cancelled,
    Conflict,
    DeadlineExceeded,
    InvalidInput,
    NotFound,
    StoreError,
)
from basicchat.core.types import Job, JobItem, JobState, Json

log = logging.getLogger(__name__)


@dataclass
class _Entry:
    """A job, what it was given, and what it said. ``wanted`` is the state that somebody asked for."""

    job: Job
    payload: Json
    handler: Handler
    key: str = ""
    wanted: JobState | None = None
    steps: dict[str, Json] = field(default_factory=dict)
    items: dict[int, JobItem] = field(default_factory=dict)
    resting: threading.Event = field(default_factory=threading.Event)

    def change(self, **values: Any) -> None:
        """Readers see the job before or after, never in between."""
        self.job = replace(self.job, updated_at=time.time(), **values)

    def rest(self, state: JobState, **values: Any) -> None:
        """Say that it ended, or paused."""
        self.change(state=state, **values)
        self.resting.set()


class ThreadJobQueue:
    """Runs ``workers`` jobs at a time, in the order they were submitted, and keeps the last ``keep`` that ended.

    A handler's error ends its job as failed, with what happened and what to do next; one that this program does not
    raise on purpose also goes to the log with its trace.
    """

    def __init__(self, workers: int = 2, *, keep: int = 200) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._keep = keep
        self._lock = threading.RLock()
        self._handlers: dict[str, Handler] = {}
        self._entries: dict[str, _Entry] = {}
        self._closed = False

    def register(self, kind: str, handler: Handler) -> None:
        """Say what runs jobs of a kind."""
        with self._lock:
            self._handlers[kind] = handler

    def start(self) -> None:
        """Nothing waits here from an earlier process."""

    def submit(self, kind: str, payload: Json, *, title: str = "", key: str = "") -> Job:
        """Queue a job, or return the one of this ``key`` that has not ended.

        Raises `InvalidInput` for a kind that nobody registered.
        """
        now = time.time()
        with self._lock:
            self._check_open()
            if kind not in self._handlers:
                raise InvalidInput(f"Nothing here runs jobs of the kind {kind!r}.")
            for entry in self._entries.values():
                if key and entry.key == key and entry.job.state not in ENDED:
                    return entry.job
            job = Job(uuid.uuid4().hex, kind, title, JobState.QUEUED, created_at=now, updated_at=now)
            entry = self._entries[job.id] = _Entry(job, payload, self._handlers[kind], key)
            self._pool.submit(self._run, entry)
            self._forget_oldest()
        return job

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        return self._entry(job_id).job

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        with self._lock:
            return [entry.job for entry in reversed(self._entries.values()) if kind in (None, entry.job.kind)]

    def items(self, job_id: str) -> list[JobItem]:
        """What is known of the job's files, by ordinal. Raises `NotFound`."""
        return [item for _, item in sorted(self._entry(job_id).items.copy().items())]

    def payload(self, job_id: str) -> Json:
        """What the job was submitted with. Raises `NotFound`."""
        return self._entry(job_id).payload

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""
        with self._lock:
            entry = self._entry(job_id)
            if entry.job.state is JobState.PAUSED:
                entry.rest(JobState.CANCELLED)
            elif entry.job.state not in ENDED:
                entry.wanted = JobState.CANCELLED

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""
        with self._lock:
            entry = self._entry(job_id)
            if entry.job.state in {JobState.QUEUED, JobState.RUNNING} and entry.wanted is None:
                entry.wanted = JobState.PAUSED

    def resume(self, job_id: str) -> None:
        """Go on after the last finished step with a job that is paused, failed or cancelled. Raises `NotFound`."""
        with self._lock:
            self._check_open()
            entry = self._entry(job_id)
            if entry.job.state in RESUMABLE:
                self._again(entry)
            elif entry.wanted is JobState.PAUSED:
                entry.wanted = None

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound`, and `Conflict` for one that has not ended."""
        with self._lock:
            if self._entry(job_id).job.state not in ENDED:
                raise Conflict("The job has not ended.", hint="Stop it first.")
            del self._entries[job_id]

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until it ends or is paused, at most ``timeout`` seconds. Raises `DeadlineExceeded`."""
        entry = self._entry(job_id)
        if not entry.resting.wait(timeout):
            raise DeadlineExceeded(f"{entry.job.title or entry.job.kind} has not ended yet.")
        return entry.job

    def close(self) -> None:
        """Cancel what waits and what runs, and wait until it has stopped."""
        with self._lock:
            self._closed = True
            for entry in self._entries.values():
                entry.wanted = JobState.CANCELLED
        self._pool.shutdown(wait=True)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The job queue is closed.")

    def _entry(self, job_id: str) -> _Entry:
        with self._lock:
            if job_id not in self._entries:
                raise NotFound(f"There is no job {job_id}.")
            return self._entries[job_id]

    def _again(self, entry: _Entry) -> None:
        entry.wanted = None
        entry.resting.clear()
        entry.change(state=JobState.QUEUED, error=None)
        self._pool.submit(self._run, entry)

    def _forget_oldest(self) -> None:
        ended = [job_id for job_id, entry in self._entries.items() if entry.job.state in ENDED]
        for job_id in ended[: max(0, len(ended) - self._keep)]:
            del self._entries[job_id]

    def _run(self, entry: _Entry) -> None:
        context = _Context(entry)
        try:
            context.check()
            entry.change(state=JobState.RUNNING)
            result = entry.handler(entry.payload, context)
        except Cancelled:
            self._stopped(entry, context.stopped_for)
        except BasicChatError as error:
            entry.rest(JobState.FAILED, error=reason(error))
        except Exception as error:
            log.exception("a job of the kind %s failed", entry.job.kind)
            entry.rest(JobState.FAILED, error=reason(error))
        else:
            entry.rest(JobState.DONE, result=result)

    def _stopped(self, entry: _Entry, state: JobState) -> None:
        with self._lock:
            if state is JobState.PAUSED and entry.wanted is None and not self._closed:
                self._again(entry)  # somebody resumed it while it was stopping
            else:
                entry.rest(entry.wanted or state)


class _Context:
    """What a running job may say and ask."""

    def __init__(self, entry: _Entry) -> None:
        self._entry = entry
        self._begun: dict[str, int] = {}
        self.stopped_for = JobState.CANCELLED

    @property
    def job_id(self) -> str:
        return self._entry.job.id

    def check(self) -> None:
        """Raise `Cancelled` if somebody asked it to stop or to pause."""
        if self._entry.wanted is not None:
            self.stopped_for = self._entry.wanted
            raise Cancelled(f"{self._entry.job.title or self._entry.job.kind} was stopped.")

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        self.check()
        self._entry.change(stage=staged(stage, note), done=done, total=total, unit=unit)

    def step(self, name: str, run: Callable[[], Json]) -> Json:
        self.check()
        self._begun[name] = self._begun.get(name, 0) + 1
        key = f"{name} #{self._begun[name]}"
        if key not in self._entry.steps:
            self._entry.steps[key] = run()
        return self._entry.steps[key]

    def item(self, item: JobItem) -> None:
        self._entry.items[item.ordinal] = item
        self._entry.change()
        self.check()
