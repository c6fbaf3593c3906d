"""Getting files in: the drop zone, what is being read now, and what became of each file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from basicchat.core.codec import from_json
from basicchat.core.errors import BasicChatError
from basicchat.core.types import FileOutcome, FileStatus, Job, JobState
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain

TYPES = ("pdf", "docx", "html", "htm", "md", "markdown", "txt", "csv", "jsonl", "gz")
INGEST = "ingest"
GOING_ON = (JobState.QUEUED, JobState.RUNNING)


def drop_zone(*, collection: str, key: str, label: str = "Drop files here") -> None:
    """A place to drop files; they are handed over at once and the zone is empty again."""
    turn = st.session_state.setdefault(f"{key}-turn", 0)
    files = st.file_uploader(label, type=TYPES, accept_multiple_files=True, key=f"{key}-{turn}")
    if files and hand_over(files, collection=collection):
        st.session_state[f"{key}-turn"] = turn + 1
        st.rerun()


def hand_over(files: Iterable[Any], *, collection: str) -> bool:
    """Give uploaded files to the library; whether it took them."""
    try:
        state.assistant().library.submit_uploads(
            [(file.name, file.getvalue()) for file in files], collection=collection
        )
    except BasicChatError as error:
        notices.error(error)
        return False
    return True


def jobs() -> list[Job]:
    """What reads files, newest first, without those the reader has put away."""
    hidden: set[str] = st.session_state.setdefault("hidden-jobs", set())
    return [job for job in state.assistant().jobs.find(kind=INGEST) if job.id not in hidden]


def busy(found: Sequence[Job]) -> bool:
    """Whether one of them is still at it."""
    return any(job.state in GOING_ON for job in found)


def progress() -> None:
    """Live lines about what is being read; the page is drawn anew once all is read."""
    found = jobs()
    if not found:
        return
    if busy(found):
        _moving()
    else:
        with st.container(key="jobs"):
            for job in found:
                _ended(job)


@st.fragment(run_every=0.7)
def _moving() -> None:
    found = jobs()
    with st.container(key="jobs"):
        for job in found:
            if job.state in GOING_ON:
                _running(job)
            else:
                _ended(job)
    if not busy(found):
        st.rerun()


def _running(job: Job) -> None:
    with st.container(key=f"job-{job.id}"):
        st.progress(render.fraction(job), text=f"{plain(job.title)}: {plain(render.job_line(job))}")
        st.button(
            "Stop", key=f"cancel-{job.id}", type="tertiary", on_click=state.assistant().jobs.cancel, args=(job.id,)
        )


def _ended(job: Job) -> None:
    with st.container(key=f"ended-{job.id}", border=True):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.markdown(_summary(job), width="stretch")
            st.button(
                "Put away",
                key=f"hide-{job.id}",
                icon=":material/close:",
                type="tertiary",
                on_click=_hide,
                args=(job.id,),
            )
        for outcome in outcomes(job):
            _outcome(outcome)
        if job.error:
            st.markdown(f":material/error: {plain(job.error)}")


def _summary(job: Job) -> str:
    found = outcomes(job)
    if not found:
        return f"{plain(job.title)}: {render.JOB_STATES[job.state]}"
    good = sum(outcome.status in {FileStatus.DONE, FileStatus.WARNINGS} for outcome in found)
    rest = len(found) - good
    return f"**{render.count(good, 'file')} added**" + (f", {render.count(rest, 'file')} not" if rest else "")


def _outcome(outcome: FileOutcome) -> None:
    icon, _, colour = render.FILE_STATES[outcome.status]
    name = outcome.path.replace("\\", "/").rsplit("/", 1)[-1]
    st.markdown(f":{colour}[{icon}] **{plain(name)}** {render.outcome_line(outcome)}")
    for line in (outcome.error or "", *outcome.warnings):
        if line:
            st.caption(plain(line))


def outcomes(job: Job) -> list[FileOutcome]:
    """What became of the files of a job that ended."""
    return from_json(list[FileOutcome], job.result) if isinstance(job.result, list) else []


def _hide(job_id: str) -> None:
    st.session_state["hidden-jobs"].add(job_id)
