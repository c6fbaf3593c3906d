"""The jobs of another process, with the methods of the queue and the library that own them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from basicchat.core.codec import from_json
from basicchat.core.jobs import JobView, Problem
from basicchat.core.types import Job, Json


class Caller(Protocol):
    """What calls the owner."""

    def call(self, operation: str, **arguments: Any) -> Json:
        """The JSON result of one operation."""


class RemoteJobs:
    """The queue of the owner."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        return from_json(list[Job], self._client.call("jobs.find", kind=kind))

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        return from_json(Job, self._client.call("jobs.get", job_id=job_id))

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now. Raises `NotFound`."""
        self._client.call("jobs.pause", job_id=job_id)

    def resume(self, job_id: str) -> None:
        """Go on with it. Raises `NotFound`."""
        self._client.call("jobs.resume", job_id=job_id)

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good. Raises `NotFound`."""
        self._client.call("jobs.cancel", job_id=job_id)


class RemoteBatches:
    """What the owner's library says of its jobs."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def job(self, job_id: str) -> JobView:
        """A job with its files and totals. Raises `NotFound`."""
        return from_json(JobView, self._client.call("library.job", job_id=job_id))

    def problems(self) -> list[Problem]:
        """Files that could not be taken in, newest first."""
        return from_json(list[Problem], self._client.call("library.problems"))

    def retry(self, job_id: str, ordinals: Sequence[int] | None = None, password: str = "") -> Job:
        """Try files again that failed or are locked. Raises `NotFound` or `InvalidInput`."""
        chosen = None if ordinals is None else list(ordinals)
        return from_json(Job, self._client.call("library.retry", job_id=job_id, ordinals=chosen, password=password))

    def dismiss(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound` or `Conflict`."""
        self._client.call("library.dismiss", job_id=job_id)
