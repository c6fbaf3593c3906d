"""A job queue without threads: a job runs to its end inside `submit`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

from basicchat.core.errors import BasicChatError, Cancelled, InvalidInput, NotFound, StoreError
from basicchat.core.protocols import JobContext
from basicchat.core.types import Job, JobState, Json


class InlineJobQueue:
    """Runs each job at once, in the caller's thread. Made for tests: what was submitted has ended.

    An error that this program raises on purpose ends the job as failed; any other error is a bug and is let through.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, Callable[[Json, JobContext], Json]] = {}
        self._jobs: dict[str, Job] = {}
        self._cancelled: set[str] = set()
        self._numbers = itertools.count(1)
        self._closed = False

    def register(self, kind: str, handler: Callable[[Json, JobContext], Json]) -> None:
        """Say what runs jobs of a kind."""
        self._handlers[kind] = handler

    def submit(self, kind: str, payload: Json, *, title: str = "") -> Job:
        """Run a job. Raises `InvalidInput` for a kind that nobody registered."""
        if self._closed:
            raise StoreError("The job queue is closed.")
        if kind not in self._handlers:
            raise InvalidInput(f"Nothing here runs jobs of the kind {kind!r}.")
        number, now = next(self._numbers), time.time()
        job_id = f"job-{number:06d}"
        self._jobs[job_id] = Job(job_id, kind, title, JobState.RUNNING, created_at=now, updated_at=now)
        try:
            result = self._handlers[kind](payload, _InlineContext(self, job_id))
        except Cancelled:
            self.change(job_id, state=JobState.CANCELLED)
        except BasicChatError as error:
            self.change(job_id, state=JobState.FAILED, error=f"{error} {error.hint}".strip())
        else:
            self.change(job_id, state=JobState.DONE, result=result)
        return self._jobs[job_id]

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        if job_id not in self._jobs:
            raise NotFound(f"There is no job {job_id}.")
        return self._jobs[job_id]

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        return [job for job in reversed(self._jobs.values()) if kind in (None, job.kind)]

    def cancel(self, job_id: str) -> None:
        """Ask it to stop at its next step. A job that ended stays as it is. Raises `NotFound`."""
        if self.get(job_id).state is JobState.RUNNING:
            self._cancelled.add(job_id)

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """The job, which has ended."""
        return self.get(job_id)

    def close(self) -> None:
        """Further jobs are refused with `StoreError`."""
        self._closed = True

    def change(self, job_id: str, **values: object) -> None:
        """Keep new values of a job."""
        self._jobs[job_id] = replace(self._jobs[job_id], updated_at=time.time(), **values)  # type: ignore[arg-type]

    def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody asked it to stop."""
        return job_id in self._cancelled


class _InlineContext:
    def __init__(self, queue: InlineJobQueue, job_id: str) -> None:
        self._queue = queue
        self._job_id = job_id

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        if self._queue.is_cancelled(self._job_id):
            raise Cancelled("The job was stopped.")
        self._queue.change(self._job_id, stage=f"{stage}: {note}" if note else stage, done=done, total=total, unit=unit)
