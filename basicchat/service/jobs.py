"""Jobs as interfaces see them: how far the whole is, how fast it goes, and what could not be taken in."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.jobs import JobView, Problem
from basicchat.core.types import FileOutcome, FileStatus, Job, JobItem, JobState

BAD = frozenset({FileStatus.FAILED, FileStatus.NEEDS_PASSWORD})
"""How a file ends that is not in the library."""

UNFINISHED = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.PAUSED})

__all__ = ["BAD", "UNFINISHED", "JobView", "Problem", "outcome_of", "view"]

LEAST_SECONDS = 1.0
"""Of work, before a speed is worth telling."""


def view(job: Job, items: Sequence[JobItem], *, now: float) -> JobView:
    """The totals of a job at a time."""
    ended = [item for item in items if item.status is not None]
    good = [item for item in ended if item.status not in BAD]
    spent = sum(_seconds(item, now) for item in items)
    read = sum(_seconds(item, now) for item in good)
    pages, chunks = sum(item.pages for item in good), sum(item.chunks for item in good)
    return JobView(
        job=job,
        items=tuple(items),
        files_done=len(ended),
        files_total=len(items),
        failed=len(ended) - len(good),
        pages=pages,
        chunks=chunks,
        pages_per_second=pages / read if read >= LEAST_SECONDS else 0.0,
        passages_per_second=chunks / read if read >= LEAST_SECONDS else 0.0,
        seconds_left=_left(job, spent),
    )


def outcome_of(item: JobItem) -> FileOutcome:
    """How a file of a job ended, as `Library.ingest` would have said it."""
    return FileOutcome(
        path=item.name,
        status=item.status or FileStatus.FAILED,
        document_id=item.document_id,
        pages=item.pages,
        chunks=item.chunks,
        warnings=item.warnings,
        error=item.error,
    )


def _seconds(item: JobItem, now: float) -> float:
    if item.started_at is None:
        return 0.0
    return max(0.0, (now if item.ended_at is None else item.ended_at) - item.started_at)


def _left(job: Job, spent: float) -> float | None:
    """Seconds that the rest will take if it goes on as it went; None while that is not known."""
    if job.state not in UNFINISHED or not job.total or not job.done or spent < LEAST_SECONDS:
        return None
    return spent * max(0, job.total - job.done) / job.done
