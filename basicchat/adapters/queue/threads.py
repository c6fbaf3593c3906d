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

from basicchat.core.errors import BasicChatError, Cancelled, DeadlineExceeded, InvalidInput, NotFound, StoreError
from basicchat.core.protocols import JobContext
from basicchat.core.types import Job, JobState, Json

log = logging.getLogger(__name__)

Handler = Callable[[Json, JobContext], Json]


@dataclass
class _Entry:
    job: Job
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def change(self, **values: Any) -> None:
        """Readers see the job before or after, never in between."""
        self.job = replace(self.job, updated_at=time.time(), **values)

    def end(self, state: JobState, **values: Any) -> None:
        self.change(state=state, **values)
        self.ended.set()


class ThreadJobQueue:
    """Runs ``workers`` jobs at a time, in the order they were submitted, and keeps the last ``keep`` that ended.

    A handler's error ends its job as failed, with what happened and what to do next; one that this program does not
    raise on purpose also goes to the log with its trace.
    """

    def __init__(self, workers: int = 2, *, keep: int = 200) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._keep = keep
        self._lock = threading.Lock()
        self._handlers: dict[str, Handler] = {}
        self._entries: dict[str, _Entry] = {}
        self._closed = False

    def register(self, kind: str, handler: Handler) -> None:
        """Say what runs jobs of a kind."""
        with self._lock:
            self._handlers[kind] = handler

    def submit(self, kind: str, payload: Json, *, title: str = "") -> Job:
        """Queue a job. Raises `InvalidInput` for a kind that nobody registered."""
        now = time.time()
        with self._lock:
            if self._closed:
                raise StoreError("The job queue is closed.")
            if kind not in self._handlers:
                raise InvalidInput(f"Nothing here runs jobs of the kind {kind!r}.")
            job = Job(uuid.uuid4().hex, kind, title, JobState.QUEUED, created_at=now, updated_at=now)
            entry = self._entries[job.id] = _Entry(job)
            self._pool.submit(_run, entry, self._handlers[kind], payload)
            self._forget_oldest()
        return job

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        return self._entry(job_id).job

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        with self._lock:
            return [entry.job for entry in reversed(self._entries.values()) if kind in (None, entry.job.kind)]

    def cancel(self, job_id: str) -> None:
        """Ask it to stop; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""
        self._entry(job_id).cancelled.set()

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until it ends, at most ``timeout`` seconds. Raises `DeadlineExceeded`."""
        entry = self._entry(job_id)
        if not entry.ended.wait(timeout):
            raise DeadlineExceeded(f"{entry.job.title or entry.job.kind} has not ended yet.")
        return entry.job

    def close(self) -> None:
        """Cancel what waits and what runs, and wait until it has stopped."""
        with self._lock:
            self._closed = True
            entries = list(self._entries.values())
        for entry in entries:
            entry.cancelled.set()
        self._pool.shutdown(wait=True)

    def _entry(self, job_id: str) -> _Entry:
        with self._lock:
            if job_id not in self._entries:
                raise NotFound(f"There is no job {job_id}.")
            return self._entries[job_id]

    def _forget_oldest(self) -> None:
        ended = [job_id for job_id, entry in self._entries.items() if entry.ended.is_set()]
        for job_id in ended[: max(0, len(ended) - self._keep)]:
            del self._entries[job_id]


class _Context:
    """What a running job may say and ask."""

    def __init__(self, entry: _Entry) -> None:
        self._entry = entry

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        if self._entry.cancelled.is_set():
            raise Cancelled(f"{self._entry.job.title or self._entry.job.kind} was stopped.")
        self._entry.change(stage=f"{stage}: {note}" if note else stage, done=done, total=total, unit=unit)


def _run(entry: _Entry, handler: Handler, payload: Json) -> None:
    if entry.cancelled.is_set():
        entry.end(JobState.CANCELLED)
        return
    entry.change(state=JobState.RUNNING)
    try:
        result = handler(payload, _Context(entry))
    except Cancelled:
        entry.end(JobState.CANCELLED)
    except BasicChatError as error:
        entry.end(JobState.FAILED, error=f"{error} {error.hint}".strip())
    except Exception as error:
        log.exception("a job of the kind %s failed", entry.job.kind)
        entry.end(JobState.FAILED, error=f"Something went wrong: {type(error).__name__}. {BasicChatError.default_hint}")
    else:
        entry.end(JobState.DONE, result=result)
