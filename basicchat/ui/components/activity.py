"""What is being taken in: one block a batch, live, with every file, what became of it, and how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import FileStatus, Job, JobItem, JobState
from basicchat.service.jobs import BAD, JobView
from basicchat.ui import batches, render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

T = TypeVar("T")

GOING_ON = (JobState.QUEUED, JobState.RUNNING)
SHOWN = 200
"""Files of a batch in its table at once: those that move and those with trouble come first."""


def show() -> None:
    """Draw every batch that has not been put away; while one moves, again and again."""
    found = views()
    if any(view.job.state in GOING_ON for view in found):
        _moving()
    elif found:
        with st.container(key="jobs"):
            for view in found:
                _batch(view)
    _problems({view.job.id for view in found})


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


@st.fragment(run_every=1.0)
def _moving() -> None:
    found = views()
    with st.container(key="jobs"):
        for view in found:
            _batch(view)
    if not any(view.job.state in GOING_ON for view in found):
        st.rerun()


def _batch(view: JobView) -> None:
    job = view.job
    with st.container(key=f"job-{job.id}", border=True, gap="small"):
        with st.container(key=f"job-head-{job.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(shorten(job.title, 60))}** {_state_words(view)}", width="stretch")
            _buttons(job)
        if job.state in (*GOING_ON, JobState.PAUSED):
            st.progress(batches.fraction(view), text=plain(batches.line(view)))
        if job.error:
            st.markdown(f":red[:material/error:] {plain(job.error)}")
        _troubles(view)
        if len(view.items) > 1:
            with st.expander(f"{render.count(len(view.items), 'file')}", key=f"files-of-{job.id}"):
                _table(view.items)


def _state_words(view: JobView) -> str:
    icon, words, colour = batches.STATES[view.job.state]
    if view.job.state is JobState.DONE:
        icon, words, colour = batches.end(view)
    return f":{colour}[{icon}] {words}"


def _buttons(job: Job) -> None:
    jobs = state.assistant().jobs
    if job.state in GOING_ON:
        _button("Pause", "pause", job, jobs.pause)
        _button("Stop", "close", job, jobs.cancel, key="cancel")
    elif job.state is JobState.PAUSED:
        _button("Go on", "play_arrow", job, jobs.resume, key="resume")
        _button("Stop", "close", job, jobs.cancel, key="cancel")
    else:
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            _button("Go on", "play_arrow", job, jobs.resume, key="resume")
        _button("Put away", "close", job, _put_away, key="hide")


def _button(label: str, icon: str, job: Job, act: Callable[[str], object], *, key: str = "") -> None:
    name = key or label.lower().replace(" ", "-")
    st.button(
        label,
        key=f"{name}-{job.id}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=_doing,
        args=(act, job.id),
    )


def _doing(act: Callable[[T], object], about: T) -> None:
    """Do what a button says; an error is shown instead of losing the page."""
    try:
        act(about)
    except BasicChatError as error:
        st.session_state["activity-error"] = error


def _put_away(job_id: str) -> None:
    """Forget a batch that went well; one with trouble is only hidden, its files stay in the list of problems."""
    library = state.assistant().library
    st.session_state["hidden-jobs"].add(job_id)
    if not library.job(job_id).failed:
        library.dismiss(job_id)


def _troubles(view: JobView) -> None:
    """Every file that could not be taken in, with the reason and the way on; locked ones ask for their password."""
    problem = st.session_state.pop("activity-error", None)
    if problem is not None:
        notices.error(problem)
    troubled = [item for item in view.items if item.status in BAD]
    for item in troubled[:20]:
        _trouble(view.job.id, item)
    if len(troubled) > 20:
        st.caption(f"and {render.count(len(troubled) - 20, 'file')} more, in the list below")
    failed = [item.ordinal for item in troubled if item.status is FileStatus.FAILED]
    if failed and view.job.state not in GOING_ON:
        st.button(
            f"Try {render.count(len(failed), 'file')} again",
            key=f"retry-{view.job.id}",
            icon=":material/refresh:",
            on_click=_retry,
            args=(view.job.id, failed, ""),
        )
    for item in view.items if len(view.items) == 1 else ():
        for warning in item.warnings:
            notices.warning(warning)


def _trouble(job_id: str, item: JobItem) -> None:
    icon, words, colour = render.FILE_STATES[item.status or FileStatus.FAILED]
    place = f"{job_id}-{item.ordinal}"
    with st.container(key=f"trouble-{place}"):
        st.markdown(f":{colour}[{icon}] **{plain(shorten(item.name, 80))}** {words}")
        if item.status is FileStatus.NEEDS_PASSWORD:
            _unlock(job_id, item, place)
        else:
            st.caption(plain(item.error or ""))


def _unlock(job_id: str, item: JobItem, place: str) -> None:
    with (
        st.form(f"unlock-{place}", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        password = st.text_input(
            "Password", type="password", key=f"password-{place}", placeholder="Password", label_visibility="collapsed"
        )
        opened = st.form_submit_button("Open", icon=":material/lock_open:")
    if opened and password:
        _retry(job_id, [item.ordinal], password)
        st.rerun()
    st.caption("The password opens the file once and is not kept.")


def _problems(shown: set[str]) -> None:
    """Files of earlier batches that are still not in the library."""
    left = [problem for problem in state.assistant().library.problems() if problem.job_id not in shown]
    if not left:
        return
    with st.expander(f"{render.count(len(left), 'file')} could not be taken in", icon=":material/warning:"):
        for problem in left[:SHOWN]:
            with st.container(key=f"problem-{problem.job_id}-{problem.item.ordinal}"):
                _trouble(problem.job_id, problem.item)
        jobs = list(dict.fromkeys(problem.job_id for problem in left))
        with st.container(horizontal=True, gap="small"):
            _plain("Try them again", "refresh", "retry-problems", _retry_all, jobs)
            _plain("Let them go", "close", "dismiss-problems", _dismiss_all, jobs)


def _plain(label: str, icon: str, key: str, act: Callable[[list[str]], None], jobs: list[str]) -> None:
    st.button(label, key=key, icon=f":material/{icon}:", type="tertiary", on_click=_doing, args=(act, jobs))


def _retry_all(jobs: list[str]) -> None:
    for job_id in jobs:
        state.assistant().library.retry(job_id)


def _dismiss_all(jobs: list[str]) -> None:
    for job_id in jobs:
        state.assistant().library.dismiss(job_id)


def _retry(job_id: str, ordinals: Sequence[int], password: str) -> None:
    try:
        state.assistant().library.retry(job_id, list(ordinals), password=password)
    except BasicChatError as error:
        st.session_state["activity-error"] = error


def _table(items: Sequence[JobItem]) -> None:
    ordered = sorted(items, key=lambda item: (batches.item_rank(item), item.ordinal))[:SHOWN]
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
        height=min(38 * (len(ordered) + 1), 340),
        alt="The files of this batch",
        column_config={"File": st.column_config.TextColumn(width="medium")},
    )
    if len(items) > SHOWN:
        st.caption(f"{SHOWN} of {len(items):,} files, those that move and those with trouble first.")
