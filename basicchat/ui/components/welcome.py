"""The empty chat: teaches the next step."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from basicchat.core.types import Document
from basicchat.ui import state
from basicchat.ui.components import activity, composer, uploads
from basicchat.ui.text import plain, shorten
from basicchat.ui.theme import ASSETS

SAMPLE = ASSETS / "basicchat-guide.pdf"
SAMPLE_QUESTIONS = (
    "What leaves this machine?",
    "What happens when the documents do not say?",
    "Which kinds of files can be read?",
)


def show(ask: Callable[[str], None]) -> None:
    """A first step for an empty library; example questions for a full one."""
    documents = state.assistant().library.documents(composer.collection())
    st.markdown("# Ask your documents", anchors=False)
    if not documents:
        _first_step()
        activity.show()
        return
    st.markdown("Every answer shows the page it comes from. Nothing leaves this machine.")
    activity.show()
    for index, question in enumerate(_examples(documents)):
        st.button(
            plain(question), key=f"example-{index}", icon=":material/arrow_outward:", on_click=ask, args=(question,)
        )


def _first_step() -> None:
    st.markdown("Add a document, then ask. Every answer shows the page it comes from, and nothing leaves this machine.")
    uploads.drop_zone(collection=composer.collection(), key="first-drop", label="Drop your first files here")
    st.button("Try it with a short sample", key="sample", icon=":material/auto_stories:", on_click=_take_sample)


def _take_sample() -> None:
    state.assistant().library.submit_uploads([(SAMPLE.name, SAMPLE.read_bytes())], collection=composer.collection())


def _examples(documents: list[Document]) -> tuple[str, ...]:
    if any(SAMPLE.name in document.source for document in documents):
        return SAMPLE_QUESTIONS
    return tuple(f"What is “{shorten(document.title or document.source, 60)}” about?" for document in documents[:3])
