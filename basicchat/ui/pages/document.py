"""One document: its pages with the passages drawn on them, to read, search and correct."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.grounding import age_and_reading
from basicchat.core.types import Chunk, Document, PageImage
from basicchat.reason.sources import facts_of
from basicchat.ui import render, state
from basicchat.ui.components import notices, page_view, passages, tables
from basicchat.ui.components.page_view import Outline
from basicchat.ui.text import plain, shorten

PARAMETER, PAGE, CHOSEN = "document", "page", "passage"
WIDTH = 1200
"""Pixels of the picture; about twice its place, so that it is sharp on dense screens."""


def show() -> None:
    """The page. The address says which document, page and passage."""
    try:
        document = state.assistant().library.document(st.query_params.get(PARAMETER, ""))
        with st.container(key="document"):
            _head(document)
            with st.container(key="document-tools", horizontal=True, vertical_alignment="bottom", gap="small"):
                wanted = st.text_input("Find in this document", key=f"find-in-{document.id}", icon=":material/search:")
                _tags(document)
                _file(document)
            _found(document, wanted)
            _turn(document)
            number = page_number(document)
            tables.show(document, page=number)
            _open(document, number)
    except BasicChatError as error:
        notices.error(error)
        _back()


def go(document_id: str, page: int = 1, passage: str = "") -> None:
    """Remember where to look; the caller switches to this page."""
    st.query_params[PARAMETER] = document_id
    st.query_params[PAGE] = str(page)
    if passage:
        st.query_params[CHOSEN] = passage
    else:
        st.query_params.pop(CHOSEN, None)


def page_number(document: Document) -> int:
    """The page in the address, moved into the document."""
    given = st.query_params.get(PAGE, "1")
    return min(max(int(given) if given.isdecimal() else 1, 1), max(document.page_count, 1))


def _back() -> None:
    if st.button("Library", key="back-to-library", icon=":material/arrow_back:", type="tertiary"):
        st.switch_page(state.page("library"))


def _head(document: Document) -> None:
    _back()
    st.markdown(f"# {plain(shorten(document.title or document.source, 120))}", anchors=False)
    pages = render.count(document.page_count, "page")
    amount = f"{render.kind_of(document)} · {pages} · {render.count(document.chunk_count, 'passage')}"
    added = render.when(document.added_at, now=datetime.now().astimezone())
    known = age_and_reading(facts_of(document, pages={page_number(document)}))
    st.caption(" · ".join([amount, f"in {plain(document.collection)}", f"added {added}", *map(plain, known)]))
    for warning in document.warnings:
        notices.warning(warning)


def _tags(document: Document) -> None:
    curation = state.assistant().curation
    tags = st.multiselect(
        "Tags",
        sorted({*curation.tags(), *document.tags}),
        default=sorted(document.tags),
        accept_new_options=True,
        placeholder="Add a tag",
        key=f"tags-{document.id}",
    )
    if sorted(tags) != sorted(document.tags):
        curation.set_tags(document.id, tags)
        st.rerun()


def _file(document: Document) -> None:
    original = state.assistant().library.original(document.id)
    if original is not None:
        st.download_button(
            "Open the file",
            data=original.read_bytes,
            file_name=document.source.replace("\\", "/").rsplit("/", 1)[-1] or "document",
            key="open-original",
            icon=":material/download:",
            on_click="ignore",
        )


def _found(document: Document, wanted: str) -> None:
    """What was found inside the document; a result leads to its passage."""
    if not wanted.strip():
        return
    hits = state.assistant().search(wanted, collection=document.collection, document_ids=(document.id,), top_k=8)
    with st.container(key="found", border=True, gap=None):
        if not hits:
            st.caption("Nothing here comes near that.")
        for hit in hits:
            where = hit.chunk.place or f"page {hit.chunk.page}"
            st.button(
                f"**{plain(where)}** {plain(shorten(hit.chunk.text, 110))}",
                key=f"found-{hit.chunk.id}",
                type="tertiary",
                on_click=go,
                args=(document.id, hit.chunk.page, hit.chunk.id),
            )


def _turn(document: Document) -> None:
    if document.page_count < 2:
        return
    number = page_number(document)
    with st.container(key="turn-pages", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.button(
            "Previous page",
            key="turn-back",
            icon=":material/chevron_left:",
            disabled=number <= 1,
            on_click=go,
            args=(document.id, number - 1),
        )
        label = state.assistant().library.page(document.id, number).label
        name = f"**{plain(shorten(label, 40))}** · {number:,}" if label else f"**Page {number:,}**"
        st.markdown(f"{name} of {document.page_count:,}")
        st.button(
            "Next page",
            key="turn-on",
            icon=":material/chevron_right:",
            disabled=number >= document.page_count,
            on_click=go,
            args=(document.id, number + 1),
        )
        wanted = st.number_input(
            "Go to page",
            1,
            document.page_count,
            value=number,
            key=f"go-to-{document.id}-{number}",
            label_visibility="collapsed",
            width=120,
        )
        if wanted != number:
            go(document.id, int(wanted))
            st.rerun()


def _open(document: Document, number: int) -> None:
    library = state.assistant().library
    chunks = [chunk for chunk in library.chunks(document.id) if chunk.page == number]
    chosen = st.query_params.get(CHOSEN, "")
    image = _image(document.id, number)
    if image is None:
        passages.show(chunks, chosen=chosen)
        return
    with st.container(key="page-and-passages", horizontal=True, gap="medium", wrap=False):
        with st.container(key="page-picture"):
            pressed = page_view.passages(
                image,
                _outlines(document, number, chunks, chosen),
                title=f"Page {number} of {document.title}",
                key=f"outlined-{document.id}-{number}",
            )
        with st.container(key="page-passages"):
            passages.show(chunks, chosen=chosen, point=lambda chunk: go(document.id, number, chunk))
    if pressed and pressed != chosen and any(chunk.id == pressed for chunk in chunks):
        go(document.id, number, pressed)
        st.rerun()


def _outlines(document: Document, number: int, chunks: list[Chunk], chosen: str) -> list[Outline]:
    boxes = state.assistant().library.outlines(document.id, number)
    return [
        Outline(chunk.id, f"Passage {place} of this page", boxes.get(chunk.id, ()), chosen=chunk.id == chosen)
        for place, chunk in enumerate(chunks, start=1)
    ]


@st.cache_data(max_entries=16, show_spinner=False)
def _image(document_id: str, page: int) -> PageImage | None:
    return state.assistant().library.page_image(document_id, page, width=WIDTH)
