"""The passages of a page as cards: to read, to correct, and to take a correction back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Chunk, ChunkVersion
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain


def show(chunks: Sequence[Chunk], *, chosen: str, point: Callable[[str], None] | None = None) -> None:
    """A card for each passage, the chosen one marked. ``point`` shows where one stands on the page's picture."""
    if not chunks:
        st.caption("This page holds no text that could be found.")
    for place, chunk in enumerate(chunks, start=1):
        here = "here-" if chunk.id == chosen else ""
        with st.container(key=f"passage-{here}{chunk.id}", border=True, gap="small"):
            _head(place, chunk, point if chunk.id != chosen else None)
            st.text(chunk.text)


def _head(place: int, chunk: Chunk, point: Callable[[str], None] | None) -> None:
    with st.container(key=f"passage-head-{chunk.id}", horizontal=True, vertical_alignment="center", gap="small"):
        edited = " · :orange[:material/edit_note:] corrected" if chunk.edited else ""
        where = f" · {plain(chunk.place)}" if chunk.place else ""
        st.caption(f"Passage {place}{where}{edited}", width="stretch")
        if point is not None:
            st.button(
                "Show",
                key=f"show-{chunk.id}",
                icon=":material/ink_highlighter:",
                type="tertiary",
                help="Mark it on the page",
                on_click=point,
                args=(chunk.id,),
            )
        if st.button("Correct", key=f"correct-{chunk.id}", icon=":material/edit:", type="tertiary"):
            correct(chunk)


@st.dialog("Correct this passage", width="medium")
def correct(chunk: Chunk) -> None:
    """Change the text that is searched and quoted. The file itself stays as it is."""
    curation = state.assistant().curation
    st.caption("Answers will use this text. The file itself stays as it is, and every earlier text is kept.")
    with st.form("correct-passage", border=False):
        text = st.text_area(
            "Text of the passage", value=chunk.text, height=280, key=f"text-of-{chunk.id}", label_visibility="collapsed"
        )
        save = st.form_submit_button("Save", key="save-passage", type="primary")
    try:
        if save:
            if text.strip() != chunk.text.strip():
                curation.edit_chunk(chunk.id, text)
            st.rerun()
        _history(chunk.id, curation.history(chunk.id))
    except BasicChatError as error:
        notices.error(error)


def _history(chunk_id: str, versions: Sequence[ChunkVersion]) -> None:
    if len(versions) < 2:
        return
    st.markdown("**Earlier texts**")
    now = datetime.now().astimezone()
    for version in reversed(versions[:-1]):
        name = "As it was read" if version.version == 0 else render.when(version.edited_at, now=now)
        with st.container(key=f"version-{version.version}", border=True):
            st.caption(name)
            st.text(version.text)
            if st.button(
                "Use this text again",
                key=f"rollback-{version.version}",
                icon=":material/undo:",
                type="tertiary",
                disabled=version.text == versions[-1].text,
            ):
                state.assistant().curation.rollback(chunk_id, version.version)
                st.rerun()
