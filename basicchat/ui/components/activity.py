"""What is being taken in: one block a batch, live, with every file, what became of it, and how to go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import streamlit as st

from basicchat.core.types import Job, JobItem, JobState
from basicchat.service.jobs import BAD, JobView
from basicchat.ui import batches, render, state
from basicchat.ui.components import notices, troubles
from basicchat.ui.text import plain, shorten

GOING_ON = (JobState.QUEUED, JobState.RUNNING)
SHOWN = 200
"""Files of a batch in its table at once: those that move and those with trouble come first."""
REFRESH = 10.0
"""Seconds after which the documents that came in meanwhile are listed below."""


def show() -> None:
    """Draw every batch that has not been put away; while one moves, again and again."""
    found = views()
    moving = any(view.job.state in GOING_ON for view in found)
    st.session_state["library-seen"] = (time.monotonic(), sum(view.files_done for view in found))
    st.session_state["library-moving"] = moving
    if found:
        st.fragment(_live, run_every=1.0 if moving else None)()
    troubles.earlier({view.job.id for view in found})


def busy() -> bool:
    """Whether a batch is on its way in."""
    return any(view.job.state in GOING_ON for view in views())


def views() -> list[JobView]:
    """The batches to show, newest first."""
    hidden: set[str] = st.session_state.setdefault("hidden-jobs", set())
    assistant = state.assistant()
    found = assistant.library.activity()
    switch = assistant.reindexing.status().job
    if switch is not None and switch.state in (*GOING_ON, JobState.PAUSED, JobState.FAILED):
        found = [JobView(switch), *found]
    return [view for view in found if view.job.id not in hidden]


def _live() -> None:
    """The batches. One element tree while they move and when they rest, so that nothing closes or jumps."""
    found = views()
    going_on = [view for view in found if view.job.state in GOING_ON]
    bad = any(item.status in BAD for view in found for item in view.items)
    left = state.assistant().library.problems() if bad else []
    with st.container(key="jobs"):
        notices.kept(troubles.ERROR)
        for view in found:
            _batch(view, batches.still_open(view, left, going_on))
    _refresh(found, moving=bool(going_on))


def _refresh(found: Sequence[JobView], *, moving: bool) -> None:
    """Draw the whole page when things begin to move or come to rest, and now and then while files come in.

    Only the whole page can say how often this part of it is drawn.
    """
    if st.session_state["library-moving"] != moving:
        st.rerun()
    at, done = st.session_state["library-seen"]
    if moving and time.monotonic() - at > REFRESH and sum(view.files_done for view in found) != done:
        st.rerun()


@st.cache_resource
def _asked() -> dict[str, JobState]:
    """What batches were asked to do and have not done yet, for every tab: a reload still says so."""
    return {}


def _asked_of(job: Job) -> JobState | None:
    if job.state not in GOING_ON:
        _asked().pop(job.id, None)
    return _asked().get(job.id)


def _batch(view: JobView, troubled: Sequence[JobItem]) -> None:
    job = view.job
    asked = _asked_of(job)
    with st.container(key=f"job-{job.id}", border=True, gap="small"):
        with st.container(key=f"job-head-{job.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(shorten(job.title, 60))}** {_state_words(view, asked)}", width="stretch")
            _buttons(job, asked)
        if job.state in (*GOING_ON, JobState.PAUSED):
            st.progress(batches.fraction(view), text=plain(batches.line(view)))
        if job.error:
            st.markdown(f":red[:material/error:] {plain(job.error)}")
        troubles.show(view, troubled, moving=job.state in GOING_ON)
        if len(view.items) > 1:
            _files(view)


def _state_words(view: JobView, asked: JobState | None) -> str:
    icon, words, colour = batches.ASKED[asked] if asked else batches.STATES[view.job.state]
    if view.job.state is JobState.DONE:
        icon, words, colour = batches.end(view)
    return f":{colour}[{icon}] {words}"


def _buttons(job: Job, asked: JobState | None) -> None:
    jobs = state.assistant().jobs
    if asked is JobState.CANCELLED:
        return
    if job.state in GOING_ON and asked is None:
        _button("Pause", "pause", job, jobs.pause, wanted=JobState.PAUSED)
    elif asked or job.state in (JobState.PAUSED, JobState.FAILED, JobState.CANCELLED):
        _button("Go on", "play_arrow", job, jobs.resume, key="resume")
    if job.state in (*GOING_ON, JobState.PAUSED):
        _button("Stop", "stop", job, jobs.cancel, key="cancel", wanted=JobState.CANCELLED)
    else:
        _button("Put away", "close", job, _put_away, key="hide")


def _button(
    label: str, icon: str, job: Job, act: Callable[[str], object], *, key: str = "", wanted: JobState | None = None
) -> None:
    name = key or label.lower().replace(" ", "-")
    st.button(
        label,
        key=f"{name}-{job.id}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=_doing,
        args=(act, job, wanted),
    )


def _doing(act: Callable[[str], object], job: Job, wanted: JobState | None) -> None:
    if not notices.attempt(troubles.ERROR, lambda: act(job.id)):
        return
    _asked().pop(job.id, None)
    if wanted is not None and job.state in GOING_ON:
        _asked()[job.id] = wanted


def _put_away(job_id: str) -> None:
    """Forget a batch that went well; one with trouble is only hidden, its files stay in the list of problems."""
    library = state.assistant().library
    st.session_state["hidden-jobs"].add(job_id)
    if not library.job(job_id).failed:
        library.dismiss(job_id)


def _files(view: JobView) -> None:
    """Every file of a batch, for those who want to see; it stays open as long as the reader wants."""
    files = st.expander("Every file", key=f"files-of-{view.job.id}", on_change="rerun")
    if not files.open:
        return
    ordered = sorted(view.items, key=lambda item: (batches.item_rank(item), item.ordinal))[:SHOWN]
    with files:
        st.dataframe(
            {
                "File": [item.name.replace("\\", "/").rsplit("/", 1)[-1] for item in ordered],
                "State": [batches.item_words(item) for item in ordered],
                "Pages": [item.pages or None for item in ordered],
                "Passages": [item.chunks or None for item in ordered],
                "Took": [batches.item_took(item) for item in ordered],
                "Notes": ["; ".join([*item.warnings, *([item.error] if item.error else [])]) for item in ordered],
            },
            hide_index=True,
            placeholder="",
            height=min(36 * (len(ordered) + 1), 330),
            alt="The files of this batch",
            column_config={
                "File": st.column_config.TextColumn(width="medium"),
                "State": st.column_config.TextColumn(width="medium"),
            },
        )
        if len(view.items) > SHOWN:
            shown = f"{SHOWN} of {render.count(len(view.items), 'file')}"
            st.caption(f"{shown}, those that move and those with trouble first.")
