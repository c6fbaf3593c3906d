"""The passages of a page as cards: to read, to correct, and to take a correction back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Chunk, ChunkVersion
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain


def show(chunks: Sequence[Chunk], *, chosen: str) -> None:
    """A card for each passage; the chosen one comes first to the eye."""
    if not chunks:
        st.caption("This page holds no text that could be found.")
    for place, chunk in enumerate(chunks, start=1):
        here = "here-" if chunk.id == chosen else ""
        with st.container(key=f"passage-{here}{chunk.id}", border=True, gap="small"):
            _head(place, chunk)
            st.text(chunk.text)


def _head(place: int, chunk: Chunk) -> None:
    with st.container(key=f"passage-head-{chunk.id}", horizontal=True, vertical_alignment="center", gap="small"):
        edited = " · :orange[:material/edit_note:] corrected" if chunk.edited else ""
        where = f" · {plain(chunk.place)}" if chunk.place else ""
        st.caption(f"Passage {place}{where}{edited}", width="stretch")
        if st.button("Correct", key=f"correct-{chunk.id}", icon=":material/edit:", type="tertiary"):
            _correct(chunk)


@st.dialog("Correct this passage", width="large")
def _correct(chunk: Chunk) -> None:
    """Change the text that is searched and quoted. The file itself stays as it is."""
    curation = state.assistant().curation
    st.caption("Answers will use this text. The file itself stays as it is, and every earlier text is kept.")
    text = st.text_area("Text", value=chunk.text, height=280, key=f"text-of-{chunk.id}", label_visibility="collapsed")
    with st.container(horizontal=True, gap="small"):
        save = st.button("Save", key="save-passage", type="primary", disabled=not text.strip() or text == chunk.text)
    try:
        if save:
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
