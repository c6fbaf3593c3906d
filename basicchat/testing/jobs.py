"""A job queue without threads: a job runs to its end inside `submit`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from basicchat.core.errors import BasicChatError, Cancelled, Conflict, InvalidInput, NotFound, StoreError
from basicchat.core.protocols import JobContext
from basicchat.core.types import Job, JobItem, JobState, Json

ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass
class _Entry:
    job: Job
    payload: Json
    key: str
    wanted: JobState | None = None
    steps: dict[str, Json] = field(default_factory=dict)
    items: dict[int, JobItem] = field(default_factory=dict)

    def change(self, **values: object) -> None:
        """Keep new values of the job."""
        self.job = replace(self.job, updated_at=time.time(), **values)  # type: ignore[arg-type]


class InlineJobQueue:
    """Runs each job at once, in the caller's thread. Made for tests: what was submitted has ended, or is paused.

    An error that this program raises on purpose ends the job as failed; any other error is a bug and is let through.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, Callable[[Json, JobContext], Json]] = {}
        self._entries: dict[str, _Entry] = {}
        self._numbers = itertools.count(1)
        self._closed = False

    def register(self, kind: str, handler: Callable[[Json, JobContext], Json]) -> None:
        """Say what runs jobs of a kind."""
        self._handlers[kind] = handler

    def start(self) -> None:
        """Nothing waits here."""

    def submit(self, kind: str, payload: Json, *, title: str = "", key: str = "") -> Job:
        """Run a job. Raises `InvalidInput` for a kind that nobody registered."""
        if self._closed:
            raise StoreError("The job queue is closed.")
        if kind not in self._handlers:
            raise InvalidInput(f"Nothing here runs jobs of the kind {kind!r}.")
        for entry in self._entries.values():
            if key and entry.key == key and entry.job.state not in ENDED:
                return entry.job
        now, job_id = time.time(), f"job-{next(self._numbers):06d}"
        job = Job(job_id, kind, title, JobState.QUEUED, created_at=now, updated_at=now)
        entry = self._entries[job_id] = _Entry(job, payload, key)
        self._run(entry)
        return entry.job

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        return self._entry(job_id).job

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        return [entry.job for entry in reversed(self._entries.values()) if kind in (None, entry.job.kind)]

    def items(self, job_id: str) -> list[JobItem]:
        """What is known of the job's files, by ordinal. Raises `NotFound`."""
        return [item for _, item in sorted(self._entry(job_id).items.items())]

    def payload(self, job_id: str) -> Json:
        """What the job was submitted with. Raises `NotFound`."""
        return self._entry(job_id).payload

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good at its next step. A job that ended stays as it is. Raises `NotFound`."""
        entry = self._entry(job_id)
        if entry.job.state is JobState.PAUSED:
            entry.change(state=JobState.CANCELLED)
        elif entry.job.state not in ENDED:
            entry.wanted = JobState.CANCELLED

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now at its next step. A job that ended stays as it is. Raises `NotFound`."""
        entry = self._entry(job_id)
        if entry.job.state is JobState.RUNNING and entry.wanted is None:
            entry.wanted = JobState.PAUSED

    def resume(self, job_id: str) -> None:
        """Go on after the last finished step with a job that is paused, failed or cancelled. Raises `NotFound`."""
        entry = self._entry(job_id)
        if entry.job.state in {JobState.PAUSED, JobState.FAILED, JobState.CANCELLED}:
            entry.wanted = None
            entry.change(error=None)
            self._run(entry)
        elif entry.wanted is JobState.PAUSED:
            entry.wanted = None

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound`, and `Conflict` for one that has not ended."""
        if self._entry(job_id).job.state not in ENDED:
            raise Conflict("The job has not ended.", hint="Stop it first.")
        del self._entries[job_id]

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """The job, which has ended or is paused."""
        return self.get(job_id)

    def close(self) -> None:
        """Further jobs are refused with `StoreError`."""
        self._closed = True

    def _entry(self, job_id: str) -> _Entry:
        if job_id not in self._entries:
            raise NotFound(f"There is no job {job_id}.")
        return self._entries[job_id]

    def _run(self, entry: _Entry) -> None:
        entry.change(state=JobState.RUNNING)
        try:
            result = self._handlers[entry.job.kind](entry.payload, _InlineContext(entry))
        except Cancelled:
            entry.change(state=entry.wanted or JobState.CANCELLED)
        except BasicChatError as error:
            entry.change(state=JobState.FAILED, error=f"{error} {error.hint}".strip())
        else:
            entry.change(state=JobState.DONE, result=result)


class _InlineContext:
    def __init__(self, entry: _Entry) -> None:
        self._entry = entry
        self._begun: dict[str, int] = {}

    @property
    def job_id(self) -> str:
        return self._entry.job.id

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        self._check()
        self._entry.change(stage=f"{stage}: {note}" if note else stage, done=done, total=total, unit=unit)

    def step(self, name: str, run: Callable[[], Json]) -> Json:
        self._check()
        self._begun[name] = self._begun.get(name, 0) + 1
        key = f"{name} #{self._begun[name]}"
        if key not in self._entry.steps:
            self._entry.steps[key] = run()
        return self._entry.steps[key]

    def item(self, item: JobItem) -> None:
        self._entry.items[item.ordinal] = item
        self._entry.change()
        self._check()

    def _check(self) -> None:
        if self._entry.wanted is not None:
            raise Cancelled("The job was stopped.")
