"""Jobs as people see them: how far the whole is, how fast it goes, and what could not be taken in."""

from __future__ import annotations

from dataclasses import dataclass

from basicchat.core.types import Job, JobItem


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with its files and totals for a live table. Speeds are per second of work, 0 while not known.

    ``failed`` counts the files that are not in the library, locked ones among them.
    """

    job: Job
    items: tuple[JobItem, ...] = ()
    files_done: int = 0
    files_total: int = 0
    failed: int = 0
    pages: int = 0
    chunks: int = 0
    pages_per_second: float = 0.0
    passages_per_second: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be taken in, from the latest job that tried."""

    job_id: str
    item: JobItem
    collection: str
