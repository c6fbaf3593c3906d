"""The source pane: the page that a citation points to, beside the answer; on a phone, a sheet from below."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.grounding import described
from basicchat.core.types import PageImage
from basicchat.reason.sources import facts_of
from basicchat.ui import state
from basicchat.ui.components import notices, page_view
from basicchat.ui.places import OpenSource, Place
from basicchat.ui.text import plain, shorten

PICTURE_WIDTH = 1100
"""Pixels; about twice the pane's width, so that it is sharp on dense screens."""


def show() -> None:
    """Draw the pane when something is open."""
    opened = state.source()
    if opened is None:
        return
    with st.container(key="source-pane"):
        _head(opened)
        try:
            _page(opened.place)
        except BasicChatError as error:
            notices.error(error)


def _head(opened: OpenSource) -> None:
    place = opened.place
    with st.container(key="source-head", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        number = f"**{place.number}** · " if place.number else ""
        st.markdown(f"{number}{plain(shorten(place.title, 60))}", width="stretch")
        many = len(opened.places) > 1
        if many:
            _step("previous-source", "Previous citation", ":material/chevron_left:", opened, -1)
            _step("next-source", "Next citation", ":material/chevron_right:", opened, 1)
        st.button(
            "Close source",
            key="close-source",
            icon=":material/close:",
            type="tertiary",
            on_click=state.show_source,
            args=(None,),
        )


def _step(key: str, label: str, icon: str, opened: OpenSource, by: int) -> None:
    moved = replace(opened, index=(opened.index + by) % len(opened.places))
    st.button(label, key=key, icon=icon, type="tertiary", on_click=state.show_source, args=(moved,))


def _page(place: Place) -> None:
    library = state.assistant().library
    document = library.document(place.document_id)
    with st.container(key="source-place", horizontal=True, vertical_alignment="center", gap="small"):
        counted = f"Page {place.page} of {document.page_count}" if document.page_count > 1 else "The whole text"
        where = place.name or counted
        st.caption(plain(where), width="stretch")
        if st.button("All passages", key="all-passages", icon=":material/toc:", type="tertiary"):
            _all_passages(place)
        _open_document(place.document_id, document.source)
    st.caption(plain(place.about or described(facts_of(document, pages={place.page}))))
    image = _image(place.document_id, place.page, place.start, place.end)
    if image is not None:
        page_view.picture(image, place, key="source-page")
    else:
        page_view.text(library.page(place.document_id, place.page), place, key="source-text")


def _all_passages(place: Place) -> None:
    """Go to the document, to the passage that this place lies in."""
    chunks = state.assistant().library.chunks(place.document_id)
    there = (chunk.id for chunk in chunks if chunk.page == place.page and chunk.start <= place.start < chunk.end)
    state.show_source(None)
    state.open_document(place.document_id, page_number=place.page, passage=next(there, ""))


def _open_document(document_id: str, source: str) -> None:
    original = state.assistant().library.original(document_id)
    if original is None:
        return
    st.download_button(
        "Open document",
        data=original.read_bytes,
        file_name=source.replace("\\", "/").rsplit("/", 1)[-1] or "document",
        key="open-document",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _image(document_id: str, page: int, start: int, end: int) -> PageImage | None:
    return state.assistant().library.page_image(document_id, page, start=start, end=end, width=PICTURE_WIDTH)
