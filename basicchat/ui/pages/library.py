"""Library: what the assistant may read."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import DEFAULT_COLLECTION, Document
from basicchat.ui import render, state
from basicchat.ui.components import notices, source_pane, uploads
from basicchat.ui.places import OpenSource, Place
from basicchat.ui.text import plain, shorten

ALL = "All collections"
NEW = "New collection"
SHOWN = 500
"""Documents in the table at once; search finds the others."""


def show() -> None:
    """The page."""
    try:
        documents = state.assistant().library.documents()
        if documents:
            _full(documents)
        else:
            _empty()
        source_pane.show()
    except BasicChatError as error:
        notices.error(error)


def _empty() -> None:
    with st.container(key="library-empty"):
        st.markdown("# Library", anchors=False)
        st.markdown("Add the documents you want to ask about. They stay on this machine.")
        uploads.drop_zone(collection=DEFAULT_COLLECTION, key="library-drop", label="Drop your documents here")
        uploads.progress()


def _full(documents: list[Document]) -> None:
    with st.container(key="library"):
        pages = sum(document.page_count for document in documents)
        st.markdown("# Library", anchors=False)
        st.caption(f"{render.count(len(documents), 'document')}, {render.count(pages, 'page')}")
        chosen = _collection()
        uploads.drop_zone(
            collection=DEFAULT_COLLECTION if chosen == ALL else chosen, key="library-drop", label="Add documents"
        )
        uploads.progress()
        _removing()
        _table([document for document in documents if chosen in (ALL, document.collection)])


def _collection() -> str:
    names = state.assistant().library.collections()
    with st.container(key="collections", horizontal=True, vertical_alignment="bottom", gap="small"):
        extra = st.session_state.setdefault("own-collections", [])
        options = [ALL, *names, *(one for one in extra if one not in names)]
        if len(options) > 2:
            chosen = st.selectbox("Collection", options, key="shown-collection", persist_state="session")
        else:
            chosen = ALL
        with st.popover(NEW, type="tertiary", icon=":material/create_new_folder:"):
            name = st.text_input("Name", key="new-collection", max_chars=60)
            st.button("Create", on_click=_create, args=(name,), disabled=not name.strip())
    return str(chosen)


def _create(name: str) -> None:
    st.session_state["own-collections"].append(name.strip())
    st.session_state["shown-collection"] = name.strip()


def _table(documents: list[Document]) -> None:
    wanted = ""
    if len(documents) > 8:
        wanted = st.text_input("Find a document", key="find-document", placeholder="Find a document").casefold()
    found = [one for one in documents if wanted in one.title.casefold() or wanted in one.source.casefold()]
    if not found:
        st.caption("No document here." if not wanted else "No document has this in its name.")
        return
    now = datetime.now().astimezone()
    chosen = st.dataframe(
        {
            "Name": [one.title or one.source for one in found[:SHOWN]],
            "Kind": [render.kind_of(one) for one in found[:SHOWN]],
            "Pages": [one.page_count for one in found[:SHOWN]],
            "State": [_state(one) for one in found[:SHOWN]],
            "Added": [render.when(one.added_at, now=now) for one in found[:SHOWN]],
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="documents-table",
        column_config={"Name": st.column_config.TextColumn(width="medium")},
        alt="Your documents",
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(found)]
    _actions([found[row] for row in rows])


def _state(document: Document) -> str:
    if not document.indexed:
        return "being prepared"
    return "ready, with notes" if document.warnings else "ready"


def _actions(chosen: list[Document]) -> None:
    if not chosen:
        st.caption("Tick documents to open or delete them.")
        return
    with st.container(key="library-actions", horizontal=True, gap="small"):
        if len(chosen) == 1:
            st.button("Open", icon=":material/open_in_new:", on_click=_open, args=(chosen[0],), key="open-chosen")
        st.button(
            f"Delete {render.count(len(chosen), 'document')}",
            icon=":material/delete:",
            on_click=_ask_removal,
            args=([one.id for one in chosen],),
            key="delete-chosen",
        )
    for document in chosen[:3]:
        for warning in document.warnings:
            notices.warning(f"{shorten(document.title, 40)}: {warning}")


def _open(document: Document) -> None:
    places = tuple(
        Place(document.id, document.title or document.source, number) for number in range(1, document.page_count + 1)
    )
    state.show_source(OpenSource(places))


def _ask_removal(document_ids: list[str]) -> None:
    st.session_state["removing"] = document_ids


def _removing() -> None:
    """A line to take it back before anything is deleted: the file itself cannot be brought back afterwards."""
    document_ids: list[str] = st.session_state.get("removing", [])
    if not document_ids:
        return
    with st.container(key="removing", border=True):
        st.markdown(
            f"{render.count(len(document_ids), 'document').capitalize()} will leave the library. "
            "Answers that cited them keep their words, but the pages cannot be opened any more."
        )
        with st.container(horizontal=True, gap="small"):
            st.button("Delete", key="confirm-delete", type="primary", on_click=_remove, args=(document_ids,))
            st.button("Keep", key="keep", on_click=_ask_removal, args=([],))


def _remove(document_ids: list[str]) -> None:
    opened = state.source()
    for document_id in document_ids:
        state.assistant().library.remove(document_id)
        if opened and opened.place.document_id == document_id:
            state.show_source(None)
    _ask_removal([])
    st.toast(f"{plain(render.count(len(document_ids), 'document'))} deleted")
