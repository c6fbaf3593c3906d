"""Models on their way: one slim line that says what is fetched and what works meanwhile."""

from __future__ import annotations

import streamlit as st

from basicchat.core.types import Job, JobState
from basicchat.service.models import PULL
from basicchat.ui import render, state
from basicchat.ui.text import plain

GOING_ON = (JobState.QUEUED, JobState.RUNNING)
MEANWHILE = "Until it is here, answers are quotes from your documents."


def jobs() -> list[Job]:
    """What fetches models now, newest first."""
    return [job for job in state.assistant().jobs.find(kind=PULL) if job.state in GOING_ON]


def line() -> None:
    """The slim line above the question box, as long as something is being fetched."""
    if jobs():
        _moving()


@st.fragment(run_every=1.0)
def _moving() -> None:
    found = jobs()
    if not found:
        st.rerun()
    with st.container(key="fetching"):
        job = found[0]
        st.progress(
            render.fraction(job),
            text=f"{plain(job.title)}: {plain(render.job_line(job))}. {MEANWHILE}",
        )
