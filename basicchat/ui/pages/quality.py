"""Quality: whether one's own passages are found, what hides its text, and better settings where there are some."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from basicchat.bootstrap import quality
from basicchat.core.errors import BasicChatError, NotFound
from basicchat.core.types import Job, JobState
from basicchat.evaluate.checkup import Checkup
from basicchat.evaluate.tune import Changes, Proposal
from basicchat.ui import checkups, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

GOING_ON = (JobState.QUEUED, JobState.RUNNING)
ERROR = "quality-error"
WHAT = (
    "Questions are made from your passages and asked. You see how many find their passage, which documents hide their "
    "text, what is refused, and whether other settings would find more. It takes a few minutes and changes nothing."
)
LISTED = 12
"""Documents that hide their text, shown at once."""


def show() -> None:
    """The page."""
    with st.container(key="quality"):
        st.markdown("# Quality", anchors=False)
        st.markdown(":gray[How well your own documents are found. Everything is measured on this machine.]")
        try:
            names = state.assistant().library.collections()
            if not names:
                _nothing_yet()
                return
            notices.kept(ERROR)
            _begin(names)
            last = state.assistant().quality.last()
            if last is not None:
                _found(last)
            elif not st.session_state["check-moving"]:
                st.caption(WHAT)
        except BasicChatError as error:
            notices.error(error)


def _nothing_yet() -> None:
    st.markdown("Add documents first; then this page shows whether each can be found.")
    st.page_link(state.page("library"), label="Add documents", icon=":material/folder_open:")


# ---------------------------------------------------------------- the check


def _begin(names: list[str]) -> None:
    """The button, or how far the check is."""
    job = state.assistant().quality.job()
    moving = job is not None and job.state in GOING_ON
    st.session_state["check-moving"] = moving
    with st.container(key="check"):
        if job is not None and moving:
            st.fragment(_live, run_every=1.0)()
            return
        if job is not None and (words := checkups.ended_badly(job, state.assistant().quality.last())):
            icon = ":red[:material/error:]" if job.state is JobState.FAILED else ":material/stop_circle:"
            st.markdown(f"{icon} {plain(words)}")
        _ask(names)


def _ask(names: list[str]) -> None:
    if len(names) > 1:
        st.selectbox("Collection", names, key="check-collection", persist_state="session")
    with st.container(key="check-buttons", horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Check my library",
            key="check-library",
            type="primary",
            icon=":material/fact_check:",
            on_click=_try,
            args=(lambda: _submit(names),),
        )
        models = state.assistant().models.chat_models()
        if models:
            st.toggle(
                "Let the model write the questions",
                key="check-by-model",
                help="Nearer to how people ask. Takes some minutes more.",
                persist_state="session",
            )


def _submit(names: list[str]) -> None:
    assistant = state.assistant()
    collection = str(st.session_state.get("check-collection") or names[0])
    models = assistant.models.chat_models() if st.session_state.get("check-by-model") else []
    assistant.quality.submit(collection, model=models[0].name if models else "")


def _live() -> None:
    """How far it is; the whole page is drawn again when it has ended."""
    job = state.assistant().quality.job()
    if job is None or job.state not in GOING_ON:
        st.rerun()
        return
    with st.container(key="check-card", border=True, gap="small"):
        with st.container(key="check-head", horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Checking your library**", width="stretch")
            st.button("Stop", key="check-stop", icon=":material/stop:", type="tertiary", on_click=_stop, args=(job,))
        st.progress(min(1.0, job.done / job.total) if job.total else 0.0, text=plain(checkups.progress(job)))
        st.caption("A few minutes. You can leave this page; it goes on.")


def _try(act: Callable[[], object]) -> None:
    notices.attempt(ERROR, act)


def _stop(job: Job) -> None:
    notices.attempt(ERROR, lambda: state.assistant().jobs.cancel(job.id))


# ---------------------------------------------------------------- what was found


def _found(last: Checkup) -> None:
    with st.container(key="checkup"):
        st.markdown(f"## {plain(checkups.headline(last))}", anchors=False)
        st.caption(plain(checkups.byline(last, now=datetime.now().astimezone())))
        with st.container(key="check-cards", horizontal=True, gap="small"):
            for number, card in enumerate(checkups.cards(last)):
                with st.container(key=f"check-figure-{number}", border=True, gap=None):
                    st.markdown(f"**{plain(card.figure)}**")
                    st.caption(plain(card.words))
        _settings(last)
        _weak(last)
        _method(last)


def _settings(last: Checkup) -> None:
    done = quality.applied(state.settings())
    if done is not None:
        _taken(done.changes)
    elif last.proposal is None:
        st.markdown(f":green[:material/check_circle:] {plain(checkups.settled(last))}")
    elif not _used(last.proposal.changes):
        _proposal(last.proposal)


def _proposal(proposal: Proposal) -> None:
    with st.container(key="proposal", border=True, gap="small"):
        st.markdown(f":primary[:material/tune:] **{plain(checkups.proposed(proposal))}**")
        st.markdown(f"BasicChat would {plain(proposal.words)}.")
        st.markdown("\n".join(f"- {plain(line)}" for line in checkups.gain(proposal)))
        st.caption("Measured with questions that had no part in choosing. Your documents are not read in again.")
        st.button(
            "Apply",
            key="apply-proposal",
            type="primary",
            on_click=_try,
            args=(lambda: quality.apply(state.settings(), proposal.changes),),
        )


def _taken(changes: Changes) -> None:
    """Settings that were applied: used already, from the next start on, or never because of the environment."""
    settings = state.settings()
    with st.container(key="proposal", border=True, horizontal=True, vertical_alignment="center", gap="small"):
        if over := quality.overruled(settings, changes):
            names = ", ".join(f"BASICCHAT_RETRIEVE__{name.upper()}" for name in over)
            words = f":orange[:material/info:] **Applied**, but the environment has the last word: {plain(names)}."
        elif _used(changes):
            words = ":green[:material/check_circle:] **In use.** Check again to see what the new settings do."
        else:
            words = ":green[:material/check_circle:] **Applied.** Stop BasicChat and start it again to use it."
        st.markdown(f"{words} :gray[{plain(checkups.in_file(changes))}]", width="stretch")
        st.button(
            "Undo",
            key="undo-proposal",
            icon=":material/undo:",
            type="tertiary",
            on_click=_try,
            args=(lambda: quality.undo(settings),),
        )


def _used(changes: Changes) -> bool:
    now = quality.in_use(state.settings())
    return all(now[name] == value for name, value in changes.items())


def _weak(last: Checkup) -> None:
    """Documents that hide their text, each leading to its page; those that are gone are left out."""
    library = state.assistant().library
    shown = []
    for each in last.weak:
        try:
            shown.append((each, library.document(each.document_id)))
        except NotFound:
            continue
    if not shown:
        return
    st.markdown("## Documents that are hard to find", anchors=False)
    st.caption("Often a scan that was read badly, or a table without words. Open one to see what was read.")
    with st.container(key="weak", gap=None):
        for each, document in shown[:LISTED]:
            name = shorten(document.title or document.source, 60)
            words = checkups.weak(each, document)
            with st.container(key=f"weak-row-{document.id}", horizontal=True, vertical_alignment="center", gap="small"):
                if st.button(plain(name), key=f"weak-{document.id}", icon=":material/description:", type="tertiary"):
                    state.open_document(document.id)
                st.caption(plain(words), width="content")
        if len(shown) > LISTED:
            st.caption(f"And {len(shown) - LISTED} more.")


def _method(last: Checkup) -> None:
    with st.expander("How this was measured", key="check-method"):
        st.markdown(plain(checkups.caveat(last)))
        st.markdown("\n".join(f"- {plain(line)}" for line in checkups.details(last)))
        if last.tried:
            st.markdown(checkups.tried_table(last))
            st.caption(
                plain(
                    f"By {last.choosing} questions; what is proposed is judged by {last.reporting} others, about other "
                    "documents. Rank: the mean of one over the place of the passage; 1 is always first."
                )
            )
            if any(each.flattered for each in last.tried) and not last.model:
                st.caption(plain("* Questions in the passages' own words flatter this, so they never propose it."))
