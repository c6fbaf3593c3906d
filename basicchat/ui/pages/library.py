"""Library: what the assistant may read."""

from __future__ import annotations

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import DEFAULT_COLLECTION, Document
from basicchat.ui import render, state
from basicchat.ui.components import activity, folders, notices, shelf, uploads

ALL = "All collections"


def show() -> None:
    """The page."""
    try:
        documents = state.assistant().library.documents()
        if documents or activity.views():
            _full(documents)
        else:
            _empty()
    except BasicChatError as error:
        notices.error(error)


def _empty() -> None:
    with st.container(key="library-empty"):
        st.markdown("# Library", anchors=False)
        st.markdown("Add the documents you want to ask about. They stay on this machine.")
        activity.show()
        uploads.drop_zone(collection=DEFAULT_COLLECTION, key="library-drop", label="Drop your documents here")
        st.caption(uploads.READ)
        _more(DEFAULT_COLLECTION)


def _full(documents: list[Document]) -> None:
    with st.container(key="library"):
        pages = sum(document.page_count for document in documents)
        st.markdown("# Library", anchors=False)
        st.caption(f"{render.count(len(documents), 'document')}, {render.count(pages, 'page')}")
        chosen = _collection()
        into = DEFAULT_COLLECTION if chosen == ALL else chosen
        uploads.drop_zone(collection=into, key="library-drop", label="Add documents")
        _more(into)
        activity.show()
        shelf.show(collection=None if chosen == ALL else chosen)


def _collection() -> str:
    """The collection that is shown and that new files go to."""
    names = state.assistant().library.collections()
    extra = st.session_state.setdefault("own-collections", [])
    options = [ALL, *names, *(one for one in extra if one not in names)]
    if len(options) <= 2:
        return ALL
    return str(st.selectbox("Collection", options, key="shown-collection", persist_state="session"))


def _more(collection: str) -> None:
    """The other ways in."""
    with st.container(key="more-ways", horizontal=True, gap="small"):
        with st.popover("Add a folder", type="tertiary", icon=":material/drive_folder_upload:"):
            uploads.folder_zone(collection=collection, key="folder-drop")
        with st.popover("Follow a folder", type="tertiary", icon=":material/folder_eye:"):
            folders.show(collection=collection)
        with st.popover("New collection", type="tertiary", icon=":material/create_new_folder:"):
            name = st.text_input("Name", key="new-collection", max_chars=60)
            st.button("Create", on_click=_create, args=(name,), disabled=not name.strip())


def _create(name: str) -> None:
    st.session_state["own-collections"].append(name.strip())
    st.session_state["shown-collection"] = name.strip()
