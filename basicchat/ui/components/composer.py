"""The question box, and under it small pills that say where is looked, how it is answered and by whom."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from basicchat.core.types import DEFAULT_COLLECTION, ModelInfo
from basicchat.ui import live, render, state
from basicchat.ui.components import uploads
from basicchat.ui.text import plain, shorten

EVERYTHING = "Everything"


def show(ask: Callable[[str], None], *, running: bool) -> None:
    """Draw the box, which sends to ``ask``, the pills, and Stop while an answer is written."""
    st.chat_input(
        "Ask your documents",
        key="question",
        accept_file="multiple",
        max_chars=20_000,
        on_submit=_submitted,
        args=(ask,),
    )
    with st.container(key="pills", horizontal=True, gap="small", vertical_alignment="center"):
        _scope()
        _mode()
        _model()
        if running:
            st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=_stop)


def collection() -> str:
    """The collection that a new chat looks in."""
    return str(st.session_state.get("collection", DEFAULT_COLLECTION))


def documents() -> tuple[str, ...]:
    """The documents that are looked in; empty for all of the collection."""
    return tuple(st.session_state.get("documents", ()))


def mode() -> str:
    """The chosen way of answering."""
    return str(st.session_state.get("mode") or state.settings().answer.mode)


def model() -> str | None:
    """The chosen model, None to take the best there is."""
    return st.session_state.get("model") or None


def specialist() -> str | None:
    """The chosen specialist, None for nobody in particular."""
    return st.session_state.get("specialist") or None


def _submitted(ask: Callable[[str], None]) -> None:
    sent = st.session_state["question"]
    if sent.files and uploads.hand_over(sent.files, collection=collection()):
        st.toast("Reading your files. Ask as soon as they are in.", icon=":material/upload_file:")
    if sent.text.strip():
        ask(sent.text.strip())


def _stop() -> None:
    if running := live.find(state.conversation_id()):
        running.stop()


def _scope() -> None:
    library = state.assistant().library
    conversation = state.conversation_id()
    where = state.assistant().chats.get(conversation).collection if conversation else collection()
    titles = {document.id: document.title or document.source for document in library.documents(where)[:500]}
    chosen = [one for one in documents() if one in titles]
    label = EVERYTHING if not chosen else shorten(titles[chosen[0]], 24)
    if len(chosen) > 1:
        label = render.count(len(chosen), "document")
    if where != DEFAULT_COLLECTION:
        label = f"{where}: {label}"
    with st.popover(plain(label), icon=":material/folder_open:", type="tertiary", help="Where is looked", key="scope"):
        names = library.collections()
        if conversation is None and len(names) > 1:
            st.selectbox("Collection", names, key="collection", persist_state="session")
        st.multiselect(
            "Only in these documents",
            list(titles),
            format_func=lambda one: titles.get(one, one),
            key="documents",
            placeholder="All of them",
            persist_state="session",
        )


def _mode() -> None:
    chosen = mode()
    with st.popover(
        render.MODES.get(chosen, chosen), icon=":material/tune:", type="tertiary", help="How it is answered", key="how"
    ):
        st.radio(
            "How to answer",
            list(render.MODES),
            index=list(render.MODES).index(chosen) if chosen in render.MODES else 0,
            format_func=lambda one: render.MODES[one],
            captions=list(render.MODE_HELP.values()),
            help="The last six take longer, and have not been shown to answer better than a written answer.",
            key="mode",
            persist_state="session",
        )


def _model() -> None:
    models = _models()
    chosen = model()
    label = render.model_words(chosen or _answering()) or "Quotes only"
    with st.popover(
        plain(shorten(label, 26)), icon=":material/memory:", type="tertiary", help="Which model answers", key="who"
    ):
        if not models:
            st.markdown("No chat model is ready. Answers are quotes from your documents until one is.")
            return
        st.radio(
            "Model",
            ["", *(one.name for one in models)],
            format_func=lambda one: one or "The best one that is ready",
            captions=["", *(f"{one.provider}, {one.context_window:,} tokens" for one in models)],
            key="model",
            persist_state="session",
        )
        specialists = state.assistant().specialists()
        st.selectbox(
            "In the manner of",
            ["", *specialists],
            format_func=lambda one: specialists[one].title if one else "Nobody in particular",
            help="A specialist gives the answer its manner, and may narrow where is looked.",
            key="specialist",
            persist_state="session",
        )


@st.cache_data(ttl=5, show_spinner=False)
def _answering() -> str:
    return state.assistant().status().answering


@st.cache_data(ttl=15, show_spinner=False)
def _models() -> list[ModelInfo]:
    return list(state.assistant().models.chat_models())
