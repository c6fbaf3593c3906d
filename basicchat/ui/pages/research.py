"""Research: look into a question for minutes, watch how it goes, and read the report with its sources beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError, NotFound
from basicchat.core.place import where
from basicchat.core.research import Report, Section, Study
from basicchat.core.types import Citation, JobState
from basicchat.service.reports import STANDINGS, byline, checked, source_line
from basicchat.ui import batches, render, state
from basicchat.ui.components import bridge, notices, source_pane
from basicchat.ui.places import OpenSource, Place
from basicchat.ui.text import answer_markdown, plain, shorten

PARAMETER = "study"
ERROR = "research-error"
GOING_ON = (JobState.QUEUED, JobState.RUNNING)
LISTED = 20
WHAT = (
    "It makes a plan, searches for each part, reads the sources whole, checks every sentence and writes a report with "
    "its sources. It takes minutes, goes on while you do other things, and after a restart it goes on where it was."
)


def show() -> None:
    """The page. The address says which study is open."""
    clicked = bridge.clicked()
    with st.container(key="research"):
        try:
            notices.kept(ERROR)
            study = _opened()
            if study is None:
                _begin()
                _list()
            else:
                _study(study, clicked)
        except BasicChatError as error:
            notices.error(error)
    source_pane.show()


def _opened() -> Study | None:
    """The study of the address; None where there is none, or it was forgotten."""
    study_id = st.query_params.get(PARAMETER, "")
    try:
        return state.assistant().research.study(study_id) if study_id else None
    except NotFound:
        st.query_params.pop(PARAMETER, None)
        return None


def _go(study_id: str) -> None:
    """Open a study, or the list with an empty id. Runs as a callback."""
    state.show_source(None)
    if study_id:
        st.query_params[PARAMETER] = study_id
    else:
        st.query_params.pop(PARAMETER, None)


def _try(act: Callable[[], object]) -> None:
    notices.attempt(ERROR, act)


# ---------------------------------------------------------------- beginning


def _begin() -> None:
    st.markdown("# Research", anchors=False)
    names = state.assistant().library.collections()
    if not names:
        st.markdown("Add documents first; then this page looks into a question across all of them.")
        st.page_link(state.page("library"), label="Add documents", icon=":material/folder_open:")
        return
    st.caption(WHAT)
    with st.container(key="research-form", border=True):
        st.text_area("What do you want to know?", key="research-question", height=90, max_chars=2000)
        with st.expander("More"):
            if len(names) > 1:
                st.selectbox("Collection", names, key="research-collection")
            st.text_area(
                "Your own questions for the sections, one a line",
                key="research-parts",
                height=90,
                help="Left empty, the model plans them.",
            )
            st.slider("Sources read for each section", 1, 8, 3, key="research-sources")
            st.checkbox(
                "Search the web, too",
                key="research-web",
                help="The questions of the plan go to a search engine, and pages that it names are read. No word of "
                "your documents does.",
            )
        st.button(
            "Begin",
            key="research-begin",
            type="primary",
            icon=":material/travel_explore:",
            on_click=_try,
            args=(_submit,),
        )


def _submit() -> None:
    given = st.session_state
    names = state.assistant().library.collections()
    study = state.assistant().research.submit(
        str(given.get("research-question", "")),
        collection=str(given.get("research-collection") or names[0]),
        parts=str(given.get("research-parts", "")).splitlines(),
        web=bool(given.get("research-web")),
        most_sources=int(given.get("research-sources", 3)),
    )
    _go(study.id)


def _list() -> None:
    found = state.assistant().research.all()
    if not found:
        return
    st.markdown("## Looked into", anchors=False)
    now = datetime.now().astimezone()
    with st.container(key="research-list", gap=None):
        for study in found[:LISTED]:
            with st.container(key=f"study-row-{study.id}", horizontal=True, vertical_alignment="center", gap="small"):
                name = plain(shorten(study.inquiry.question, 70))
                st.button(name, key=f"study-{study.id}", type="tertiary", on_click=_go, args=(study.id,))
                icon, word, colour = batches.STATES[study.state]
                word = "working" if study.state is JobState.RUNNING else word
                st.caption(f":{colour}[{icon} {word}] · {render.when(study.begun_at, now=now)}", width="content")


# ---------------------------------------------------------------- one study


def _study(study: Study, clicked: tuple[str, int] | None) -> None:
    st.button(
        "All research", key="research-back", icon=":material/arrow_back:", type="tertiary", on_click=_go, args=("",)
    )
    st.markdown(f"# {plain(study.inquiry.question)}", anchors=False)
    if study.report is not None:
        _report(study, study.report, clicked)
    elif study.state in GOING_ON:
        st.fragment(lambda: _live(study.id), run_every=1.0)()
    else:
        _resting(study)


def _live(study_id: str) -> None:
    """How far it is; the whole page is drawn again when it has ended or rests."""
    study = state.assistant().research.study(study_id)
    if study.report is not None or study.state not in GOING_ON:
        st.rerun()
        return
    research = state.assistant().research
    with st.container(key="research-card", border=True, gap="small"):
        share = min(1.0, study.done / study.total) if study.total else 0.0
        counted = f" · {study.done} of {render.count(study.total, 'step')}" if study.total else ""
        st.progress(share, text=plain(shorten(study.stage or "Waiting", 90) + counted))
        with st.container(key="research-buttons", horizontal=True, gap="small"):
            pause = lambda: research.pause(study_id)  # noqa: E731
            stop = lambda: research.cancel(study_id)  # noqa: E731
            st.button("Pause", key="research-pause", icon=":material/pause:", on_click=_try, args=(pause,))
            st.button("Stop", key="research-stop", icon=":material/stop:", type="tertiary", on_click=_try, args=(stop,))
        st.caption("You can leave this page; it goes on.")
    _plan_and_steps(study)


def _resting(study: Study) -> None:
    research = state.assistant().research
    icon, word, colour = batches.STATES[study.state]
    with st.container(key="research-card", border=True, gap="small"):
        st.markdown(f":{colour}[{icon}] **{word.capitalize()}** after {render.count(study.done, 'step')}.")
        if study.error:
            st.markdown(plain(study.error))
        with st.container(key="research-buttons", horizontal=True, gap="small"):
            st.button(
                "Go on",
                key="research-resume",
                type="primary",
                icon=":material/play_arrow:",
                on_click=_try,
                args=(lambda: research.resume(study.id),),
            )
            if study.state is not JobState.PAUSED:
                _forget(study)
    _plan_and_steps(study)


def _forget(study: Study) -> None:
    def forget() -> None:
        state.assistant().research.forget(study.id)
        _go("")

    st.button("Forget", key="research-forget", icon=":material/delete:", type="tertiary", on_click=_try, args=(forget,))


def _plan_and_steps(study: Study) -> None:
    if study.plan:
        st.markdown("## Plan", anchors=False)
        st.markdown("\n".join(f"{number}. {plain(part)}" for number, part in enumerate(study.plan, start=1)))
    if study.steps:
        with st.expander(f"{render.count(len(study.steps), 'step')} done", expanded=study.report is None):
            for step in study.steps:
                line = f"{render.STEP_STATES[step.status][0]} {plain(shorten(render.step_line(step), 140))}"
                st.caption("  \n".join([line, plain(shorten(step.detail, 240))]))


# ---------------------------------------------------------------- the report


def _report(study: Study, report: Report, clicked: tuple[str, int] | None) -> None:
    key = study.id
    places = tuple(_place(each) for each in report.citations if each.document_id)
    if clicked is not None and clicked[0] == key:
        index = next((at for at, place in enumerate(places) if place.number == clicked[1]), None)
        if index is not None:
            state.show_source(OpenSource(places, index))
    st.caption(plain(byline(report)))
    with st.container(key="research-buttons", horizontal=True, gap="small"):
        for label, form, ending in (("Markdown", "markdown", "md"), ("HTML", "html", "html")):
            st.download_button(
                label,
                data=state.assistant().research.export(study.id, form),
                file_name=f"report.{ending}",
                key=f"research-{ending}",
                icon=":material/download:",
                on_click="ignore",
            )
        _forget(study)
    st.markdown("## Contents", anchors=False)
    heads = ["Summary", *(section.question for section in report.sections), "Limits", "Sources"]
    st.markdown("\n".join(f"{number}. {plain(head)}" for number, head in enumerate(heads, start=1)))
    numbers = {place.number for place in places}
    _part("Summary", report.summary or "Nothing was found.", key=key, numbers=numbers, at=0)
    for at, section in enumerate(report.sections, start=1):
        _section(section, key=key, numbers=numbers, at=at)
    st.markdown("## Limits", anchors=False)
    st.markdown("\n".join(f"- {plain(limit)}" for limit in report.limits))
    _sources(report, places)
    _plan_and_steps(study)


def _section(section: Section, *, key: str, numbers: set[int], at: int) -> None:
    _part(section.question, section.text, key=key, numbers=numbers, at=at)
    if section.nearest:
        cited = "".join(f"[{number}]" for number in section.nearest)
        st.markdown(answer_markdown(f"What came nearest: {cited}", key=key, numbers=numbers))
    if notes := " ".join(note for note in (STANDINGS[section.standing], checked(section)) if note):
        st.caption(plain(notes))


def _part(head: str, text: str, *, key: str, numbers: set[int], at: int) -> None:
    st.markdown(f"## {plain(head)}", anchors=False)
    with st.container(key=f"text-{key}-{at}"):
        st.markdown(answer_markdown(text, key=key, numbers=numbers))


def _sources(report: Report, places: tuple[Place, ...]) -> None:
    st.markdown("## Sources", anchors=False)
    indices = {place.number: index for index, place in enumerate(places)}
    with st.container(key="research-sources", gap=None):
        for each in report.citations:
            gone = " · changed or gone since" if each.number in report.unresolved else ""
            label = f"**{each.number}** {plain(shorten(source_line(each), 80))}{gone}"
            if each.number in indices:
                opened = OpenSource(places, indices[each.number])
                st.button(
                    label,
                    key=f"card-research-{each.number}",
                    type="tertiary",
                    on_click=state.show_source,
                    args=(opened,),
                )
            else:
                st.markdown(label)
            st.caption(f"“{plain(shorten(each.quote, 160))}”")


def _place(citation: Citation) -> Place:
    name = citation.place and where(citation.place, citation.page)
    return Place(
        citation.document_id,
        citation.title or citation.source,
        citation.page,
        citation.start,
        citation.end,
        citation.quote,
        citation.number,
        name,
    )
