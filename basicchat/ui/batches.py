"""Words, icons and order for batches of files on their way into the library. Pure: no Streamlit here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from basicchat.core.types import FileStatus, JobItem, JobState
from basicchat.service.jobs import BAD, JobView, Problem
from basicchat.ui import render

STATES = {
    JobState.QUEUED: (":material/schedule:", "waiting", "gray"),
    JobState.RUNNING: (":material/autorenew:", "reading", "gray"),
    JobState.PAUSED: (":material/pause_circle:", "paused", "orange"),
    JobState.DONE: (":material/check_circle:", "done", "green"),
    JobState.FAILED: (":material/error:", "failed", "red"),
    JobState.CANCELLED: (":material/stop_circle:", "stopped", "gray"),
}
"""An icon, a word and a colour for where a batch stands."""

ASKED = {
    JobState.PAUSED: (":material/hourglass_top:", "pausing after this step", "gray"),
    JobState.CANCELLED: (":material/hourglass_top:", "stopping after this step", "gray"),
}
"""An icon, words and a colour for a batch that was asked to pause or stop and has not yet."""

STAGES = {
    "": "waiting",
    "find": "finding files",
    "reading": "reading",
    "recognising": "recognising text",
    "transcribing": "writing down speech",
    "cutting": "cutting",
    "embedding": "making findable",
    "writing": "writing",
    "waiting": "waiting for another file",
}
"""What is being done to a file, as people call it."""


def end(view: JobView) -> tuple[str, str, str]:
    """Icon, words and colour for a batch that ran to its end."""
    added = sum(item.status in {FileStatus.DONE, FileStatus.WARNINGS} for item in view.items)
    known = sum(item.status in {FileStatus.UNCHANGED, FileStatus.DUPLICATE} for item in view.items)
    parts = [f"{render.count(added, 'file')} added"] if added or not (known or view.failed) else []
    parts += [f"{known:,} already here"] if known else []
    noted = sum(item.status is FileStatus.WARNINGS for item in view.items)
    parts += [f"{noted:,} with notes" if added > 1 else "with notes"] if noted else []
    parts += [f"{view.failed:,} could not be taken in"] if view.failed else []
    words = ", ".join(parts)
    if not view.items:
        return STATES[JobState.DONE]
    if view.failed:
        good = view.failed < len(view.items)
        return (":material/warning:", words, "orange") if good else (":material/error:", words, "red")
    return (":material/info:", words, "orange") if noted else (":material/check_circle:", words, "green")


def fraction(view: JobView) -> float:
    """How much of a batch is done, from 0 to 1: whole files, and of the present one what is known."""
    if view.job.state is JobState.DONE:
        return 1.0
    if not view.files_total:
        return render.fraction(view.job)
    inside = max((item.done / item.total for item in view.items if item.status is None and item.total), default=0.0)
    return min((view.files_done + min(inside, 1.0)) / view.files_total, 1.0)


def line(view: JobView) -> str:
    """What a batch is doing, how much of it is done, how fast it goes and how long it still takes."""
    parts = []
    if view.files_total > 1:
        parts.append(f"{view.files_done:,} of {render.count(view.files_total, 'file')}")
    now = next((item for item in view.items if item.status is None and item.stage), None)
    if now is not None and view.job.state is JobState.RUNNING:
        name = now.name.replace("\\", "/").rsplit("/", 1)[-1]
        parts.append(f"{name}: {doing(now)}" if view.files_total > 1 else doing(now))
    if view.pages_per_second >= 0.05:
        parts.append(f"{view.pages_per_second:.1f} pages a second")
    if view.seconds_left is not None and view.job.state is JobState.RUNNING:
        parts.append(f"about {left(view.seconds_left)} left")
    return " · ".join(parts) or STATES[view.job.state][1]


def left(seconds: float) -> str:
    """A time that is only guessed, as people say it."""
    if seconds < 10:
        return "10 s"
    if seconds < 90:
        return f"{math.ceil(seconds / 10) * 10} s" if seconds <= 50 else "a minute"
    if seconds < 5400:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 3600)} hours"


def doing(item: JobItem) -> str:
    """What is being done to a file, and how much of it is done."""
    words = STAGES.get(item.stage, item.stage)
    return f"{words}, {item.done:,} of {item.total:,} {item.unit}".rstrip() if item.total else words


def item_words(item: JobItem) -> str:
    """Where a file stands, in a word or a few."""
    return render.FILE_STATES[item.status][1] if item.status else doing(item)


def still_open(view: JobView, problems: Sequence[Problem], running: Sequence[JobView]) -> list[JobItem]:
    """Files of a batch that are not in the library, no later batch took in, and none is trying again just now."""
    left_over = {(problem.job_id, problem.item.ordinal) for problem in problems}
    again = {item.source for other in running if other.job.id != view.job.id for item in other.items if not item.status}
    return [
        item
        for item in view.items
        if item.status in BAD and (view.job.id, item.ordinal) in left_over and item.source not in again
    ]


def item_rank(item: JobItem) -> int:
    """Files that move come first, then those with trouble, with notes, those that wait, and the rest."""
    if item.status is None:
        return 0 if item.stage else 3
    return 1 if item.status in BAD else 2 if item.status is FileStatus.WARNINGS else 4


def item_took(item: JobItem) -> str:
    """How long a file took, empty while it has not ended."""
    if item.started_at is None or item.ended_at is None:
        return ""
    return render.seconds(item.ended_at - item.started_at)
