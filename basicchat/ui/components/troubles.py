"""Files that could not be taken in: why, and the way on. Locked ones ask for their password."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from basicchat.core.types import FileStatus, JobItem
from basicchat.service.jobs import JobView
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

ERROR = "activity-error"
"""Where an error of a button is kept until it is shown."""
SHOWN = 20
"""Files with trouble listed one by one."""
NOTED = 5
"""Files with notes listed one by one; the table has them all."""


def show(view: JobView, troubled: Sequence[JobItem], *, moving: bool) -> None:
    """The files of a batch that are not in the library, a button to try again, and notes on those that are."""
    for item in troubled[:SHOWN]:
        _trouble(view.job.id, item)
    if len(troubled) > SHOWN:
        st.caption(f"and {render.count(len(troubled) - SHOWN, 'file')} more, listed under “Every file”")
    failed = [item.ordinal for item in troubled if item.status is FileStatus.FAILED]
    if failed and not moving:
        st.button(
            f"Try {render.count(len(failed), 'file')} again",
            key=f"retry-{view.job.id}",
            icon=":material/refresh:",
            on_click=_retry,
            args=(view.job.id, failed, ""),
        )
    _notes(view)


def earlier(shown: set[str]) -> None:
    """Files of earlier batches that are still not in the library."""
    left = [problem for problem in state.assistant().library.problems() if problem.job_id not in shown]
    if not left:
        return
    if not shown:
        notices.kept(ERROR)
    words = f"{render.count(len(left), 'file')} could not be taken in earlier"
    with st.expander(words, icon=":material/warning:", key="earlier-problems"):
        for problem in left[:SHOWN]:
            _trouble(problem.job_id, problem.item)
        if len(left) > SHOWN:
            st.caption(f"and {render.count(len(left) - SHOWN, 'file')} more")
        jobs = list(dict.fromkeys(problem.job_id for problem in left))
        with st.container(key="earlier-actions", horizontal=True, gap="small"):
            _button("Try them again", "refresh", "retry-problems", _retry_all, jobs)
            _button("Take them off the list", "close", "dismiss-problems", _dismiss_all, jobs)


def _trouble(job_id: str, item: JobItem) -> None:
    icon, words, colour = render.FILE_STATES[item.status or FileStatus.FAILED]
    place = f"{job_id}-{item.ordinal}"
    with st.container(key=f"trouble-{place}"):
        st.markdown(f":{colour}[{icon}] **{plain(shorten(item.name, 80))}** {words}")
        if item.status is FileStatus.NEEDS_PASSWORD:
            _unlock(job_id, item, place)
        else:
            st.caption(plain(item.error or "The reason is not known."))


def _unlock(job_id: str, item: JobItem, place: str) -> None:
    with (
        st.form(f"unlock-{place}", border=False, clear_on_submit=True),
        st.container(key=f"unlock-row-{place}", horizontal=True, vertical_alignment="bottom", gap="small", wrap=False),
    ):
        password = st.text_input(
            f"Password of {shorten(item.name, 80)}",  # never drawn, only heard
            type="password",
            key=f"password-{place}",
            placeholder="Password",
            label_visibility="collapsed",
        )
        opened = st.form_submit_button("Open", icon=":material/lock_open:")
    st.caption("The password opens the file once and is not kept.")
    if opened and password:
        _retry(job_id, [item.ordinal], password)
        st.rerun()


def _notes(view: JobView) -> None:
    """What readers should know of files that were added."""
    noted = [item for item in view.items if item.warnings]
    alone = len(view.items) == 1
    for item in noted[:NOTED]:
        for warning in item.warnings[:3]:
            notices.warning(warning if alone else f"{shorten(item.name, 60)}: {warning}")
    if len(noted) > NOTED:
        st.caption(f"and notes on {render.count(len(noted) - NOTED, 'file')} more, under “Every file”")


def _button(label: str, icon: str, key: str, act: Callable[[list[str]], None], jobs: list[str]) -> None:
    st.button(
        label,
        key=key,
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=_doing,
        args=(act, jobs),
    )


def _doing(act: Callable[[list[str]], None], jobs: list[str]) -> None:
    notices.attempt(ERROR, lambda: act(jobs))


def _retry(job_id: str, ordinals: Sequence[int], password: str) -> None:
    library = state.assistant().library
    notices.attempt(ERROR, lambda: library.retry(job_id, list(ordinals), password=password))


def _retry_all(jobs: list[str]) -> None:
    for job_id in jobs:
        state.assistant().library.retry(job_id)


def _dismiss_all(jobs: list[str]) -> None:
    for job_id in jobs:
        state.assistant().library.dismiss(job_id)
