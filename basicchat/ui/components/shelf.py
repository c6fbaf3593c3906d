"""The table of documents: find, filter, choose some, and do something with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Document, Entry
from basicchat.service.curation import State
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.pages.document import go
from basicchat.ui.text import plain

SHOWN = 500
"""Rows at once; the filters find the others."""
FEW = 8
"""With fewer documents there is nothing to filter."""
STATES: dict[State, str] = {
    "ready": "ready",
    "warnings": "ready, with notes",
    "corrected": "corrected",
    "unfinished": "being prepared",
}


def show(*, collection: str | None) -> None:
    """Filters, the table, and what can be done with the chosen rows."""
    curation = state.assistant().curation
    everything = curation.entries(collection=collection)
    found = _filtered(collection, everything) if len(everything) > FEW else everything
    problem = st.session_state.pop("shelf-error", None)
    if problem is not None:
        notices.error(problem)
    _removing()
    if not found:
        if everything:
            st.caption("No document fits. Change or clear the filters.")
        return
    _actions(_table(found))


def _filtered(collection: str | None, everything: Sequence[Entry]) -> Sequence[Entry]:
    kinds = sorted({render.kind_of(entry.document) for entry in everything})
    tags = sorted(state.assistant().curation.tags())
    with st.container(key="shelf-filters", horizontal=True, gap="small", vertical_alignment="bottom"):
        wanted = st.text_input("Find a document", key="find-document", placeholder="Name, title or tag")
        kind = st.selectbox("Kind", kinds, index=None, placeholder="All kinds", key="filter-kind")
        tag = st.selectbox("Tag", tags, index=None, placeholder="All tags", key="filter-tag") if tags else None
        how = st.selectbox(
            "State",
            list(STATES),
            index=None,
            placeholder="All states",
            format_func=lambda one: STATES[one],
            key="filter-state",
        )
    found = state.assistant().curation.entries(wanted or "", collection=collection, tag=tag, state=how)
    return [entry for entry in found if kind in (None, render.kind_of(entry.document))]


def state_of(document: Document) -> State:
    """How a document stands."""
    if not document.indexed:
        return "unfinished"
    return "warnings" if document.warnings else "ready"


def name_of(entry: Entry) -> str:
    """What to call a row: the title; the file's name where the same content came from several files."""
    return entry.document.title or entry.source.replace("\\", "/").rsplit("/", 1)[-1]


def _table(found: Sequence[Entry]) -> list[Entry]:
    """The table; the rows that are ticked."""
    now = datetime.now().astimezone()
    shown = found[:SHOWN]
    columns = {
        "Name": [name_of(entry) for entry in shown],
        "Kind": [render.kind_of(entry.document) for entry in shown],
        "Pages": [entry.document.page_count for entry in shown],
        "Passages": [entry.document.chunk_count for entry in shown],
        "State": [STATES[state_of(entry.document)] for entry in shown],
        "Tags": [", ".join(entry.document.tags) for entry in shown],
        "Added": [render.when(entry.document.added_at, now=now) for entry in shown],
        "File": [entry.source for entry in shown],
    }
    if not any(entry.document.tags for entry in shown):
        del columns["Tags"]
    chosen = st.dataframe(
        columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="documents-table",
        column_config={"Name": st.column_config.TextColumn(width="medium")},
        alt="Your documents",
    )
    if len(found) > SHOWN:
        st.caption(f"{SHOWN} of {len(found):,} documents. The filters find the others.")
    return [shown[row] for row in chosen["selection"]["rows"] if row < len(shown)]


def _actions(chosen: Sequence[Entry]) -> None:
    if not chosen:
        st.caption("Tick documents to open, tag, move or delete them.")
        return
    ids = list(dict.fromkeys(entry.document.id for entry in chosen))
    with st.container(key="library-actions", horizontal=True, gap="small"):
        if len(chosen) == 1 and st.button("Open", icon=":material/open_in_new:", key="open-chosen", type="primary"):
            go(ids[0])
            st.switch_page(state.page("document"), query_params={"document": ids[0]})
        with st.popover("Tag", icon=":material/label:", key="tag-chosen"):
            _tag(ids)
        with st.popover("Move", icon=":material/drive_file_move:", key="move-chosen"):
            _move(ids)
        st.button(
            f"Delete {render.count(len(chosen), 'document')}",
            icon=":material/delete:",
            on_click=_ask_removal,
            args=(list(chosen),),
            key="delete-chosen",
        )
    for entry in chosen[:3]:
        for warning in entry.document.warnings:
            notices.warning(f"{name_of(entry)}: {warning}")


def _tag(ids: Sequence[str]) -> None:
    curation = state.assistant().curation
    tags = st.multiselect(
        "Tags to add", sorted(curation.tags()), accept_new_options=True, key="tags-to-add", placeholder="Name a tag"
    )

    st.button("Add", key="add-tags", disabled=not tags, on_click=_doing, args=(lambda: curation.tag(ids, tags),))


def _move(ids: Sequence[str]) -> None:
    names = sorted({*state.assistant().library.collections(), *st.session_state.get("own-collections", [])})
    target = st.selectbox(
        "Collection", names, index=None, accept_new_options=True, key="move-to", placeholder="Choose or name one"
    )

    curation = state.assistant().curation
    st.button(
        "Move", key="move-now", disabled=not target, on_click=_doing, args=(lambda: curation.move(ids, str(target)),)
    )


def _doing(act: Callable[[], object]) -> None:
    try:
        act()
    except BasicChatError as error:
        st.session_state["shelf-error"] = error


def _ask_removal(rows: list[Entry]) -> None:
    st.session_state["removing"] = rows


def _removing() -> None:
    """A line to take it back before anything is deleted: the file itself cannot be brought back afterwards."""
    rows: list[Entry] = st.session_state.get("removing", [])
    if not rows:
        return
    with st.container(key="removing", border=True):
        st.markdown(
            f"{render.count(len(rows), 'document').capitalize()} will leave the library. "
            "Answers that cited them keep their words, but the pages cannot be opened any more."
        )
        with st.container(horizontal=True, gap="small"):
            st.button("Delete", key="confirm-delete", type="primary", on_click=_remove, args=(rows,))
            st.button("Keep", key="keep", on_click=_ask_removal, args=([],))


def _remove(rows: list[Entry]) -> None:
    """Let go what is ticked: one file of several with the same content leaves the others."""
    curation = state.assistant().curation
    everything = Counter(entry.document.id for entry in curation.entries())
    leaving = Counter(entry.document.id for entry in rows)

    def remove() -> None:
        curation.remove([one for one, times in leaving.items() if times >= everything[one]])
        for entry in rows:
            if leaving[entry.document.id] < everything[entry.document.id]:
                curation.remove_entry(entry.document.collection, entry.source)

    _doing(remove)
    _ask_removal([])
    st.toast(f"{plain(render.count(len(rows), 'document'))} deleted")
