"""Library: what the assistant may read."""

from __future__ import annotations

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import DEFAULT_COLLECTION, Document
from basicchat.ui import render, state
from basicchat.ui.components import activity, folders, notices, shelf, uploads

ALL = "All collections"


def show() -> None:
    """The page. Empty and full have the same pieces in the same order, so that nothing old stays behind."""
    try:
        documents = state.assistant().library.documents()
        empty = not documents and not activity.views()
        with st.container(key="library-empty" if empty else "library"):
            st.markdown("# Library", anchors=False)
            st.markdown(_welcome() if empty else _summary(documents))
            chosen = _collection()
            into = DEFAULT_COLLECTION if chosen == ALL else chosen
            label = "Drop your documents here" if empty else "Add documents"
            uploads.drop_zone(collection=into, key="library-drop", label=label)
            with st.container(key="what-is-read"):
                if empty:
                    st.caption(uploads.READ)
            _more(into, full=not empty)
            with st.container(key="activity"):
                activity.show()
            with st.container(key="shelf"):
                if not empty:
                    shelf.show(collection=None if chosen == ALL else chosen)
    except BasicChatError as error:
        notices.error(error)


def _welcome() -> str:
    return "Add the documents you want to ask about. They stay on this machine."


def _summary(documents: list[Document]) -> str:
    if not documents:
        return ":gray[No documents yet]"
    pages = sum(document.page_count for document in documents)
    return f":gray[{render.count(len(documents), 'document')}, {render.count(pages, 'page')}]"


def _collection() -> str:
    """The collection that is shown and that new files go to."""
    names = state.assistant().library.collections()
    extra = st.session_state.setdefault("own-collections", [])
    options = [ALL, *names, *(one for one in extra if one not in names)]
    with st.container(key="collections"):
        if len(options) <= 2:
            return ALL
        return str(st.selectbox("Collection", options, key="shown-collection", persist_state="session"))


def _more(collection: str, *, full: bool) -> None:
    """The other ways in."""
    with st.container(key="more-ways", horizontal=True, gap="small"):
        with st.popover("Add a folder", type="tertiary", icon=":material/drive_folder_upload:", key="add-folder"):
            st.caption("Every file in it that can be read is added once. To keep up with changes, follow it instead.")
            uploads.folder_zone(collection=collection, key="folder-drop")
        with st.popover("Follow a folder", type="tertiary", icon=":material/folder_eye:", key="follow-a-folder"):
            folders.show(collection=collection)
        if full:
            with st.popover(
                "New collection", type="tertiary", icon=":material/create_new_folder:", key="add-collection"
            ):
                _new_collection()
            if st.button("Check how well it is found", type="tertiary", icon=":material/fact_check:", key="to-quality"):
                st.switch_page(state.page("quality"))


def _new_collection() -> None:
    st.caption("A shelf of its own: questions can be put to one collection alone.")
    with st.form("new-collection-form", border=False, clear_on_submit=True):
        st.text_input("Name", key="new-collection", max_chars=60)
        st.form_submit_button("Create", on_click=_create)


def _create() -> None:
    name = " ".join(st.session_state["new-collection"].split())
    if name:
        own: list[str] = st.session_state["own-collections"]
        st.session_state["own-collections"] = [*own, name]
        st.session_state["shown-collection"] = name
