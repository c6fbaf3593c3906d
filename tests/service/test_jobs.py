from __future__ import annotations

import pytest

from basicchat.core.types import FileOutcome, FileStatus, Job, JobItem, JobState
from basicchat.service.jobs import outcome_of, view

ITEMS = [
    JobItem(1, "a.pdf", status=FileStatus.DONE, pages=30, chunks=90, started_at=100.0, ended_at=110.0),
    JobItem(2, "b.pdf", status=FileStatus.FAILED, error="Damaged.", started_at=110.0, ended_at=112.0),
    JobItem(3, "c.pdf", stage="reading", started_at=112.0),
    JobItem(4, "d.pdf"),
]


def job(state=JobState.RUNNING, done=30, total=90):
    return Job("job", "ingest", "4 files", state, done=done, total=total, unit="bytes")


def test_totals_speeds_and_the_time_left():
    seen = view(job(), ITEMS, now=115.0)
    assert (seen.files_done, seen.files_total, seen.failed, seen.pages, seen.chunks) == (2, 4, 1, 30, 90)
    assert seen.pages_per_second == pytest.approx(3.0)
    assert seen.passages_per_second == pytest.approx(9.0)
    assert seen.seconds_left == pytest.approx(30.0)  # 30 of 90 took 15


@pytest.mark.parametrize(
    ("state", "done", "total"), [(JobState.DONE, 90, 90), (JobState.RUNNING, 0, 90), (JobState.RUNNING, 3, 0)]
)
def test_nothing_is_guessed(state, done, total):
    assert view(job(state, done, total), ITEMS, now=115.0).seconds_left is None


def test_speeds_wait_for_a_second_of_work():
    seen = view(job(), [JobItem(1, "a.txt", status=FileStatus.DONE, pages=1, started_at=1.0, ended_at=1.1)], now=1.2)
    assert (seen.pages_per_second, seen.seconds_left) == (0.0, None)


def test_a_line_as_an_outcome():
    assert outcome_of(ITEMS[1]) == FileOutcome("b.pdf", FileStatus.FAILED, error="Damaged.")
