"""The table of documents: find, filter, choose some, and do something with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from basicchat.core.types import Document, Entry
from basicchat.ingest.identity import digest_of
from basicchat.service.curation import State
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

SHOWN = 500
"""Rows at once; the filters find the others."""
FEW = 8
"""With fewer documents there is nothing to filter."""
ERROR = "shelf-error"
STATE_WIDTH = 130
"""Pixels; the longest state fits."""
NAMED = 3
"""Documents called by name before they are deleted; the others are counted."""
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
    notices.kept(ERROR)
    if found:
        chosen = _table(found)
        if st.session_state.get("removing"):
            _removing(st.session_state["removing"])
        else:
            _actions(chosen)
            _warnings(chosen)
    elif everything:
        with st.container(key="nothing-fits", horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("No document fits.", width="content")
            st.button("Clear the filters", key="clear-filters", type="tertiary", on_click=_clear)
    elif collection is not None:
        st.caption("Nothing in this collection yet. Files that you add now go here.")


def _clear() -> None:
    st.session_state["find-document"] = ""
    for key in ("filter-kind", "filter-tag", "filter-state"):
        st.session_state[key] = None


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
    key = _key(shown)
    chosen = st.dataframe(
        columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default=_ticked_before(key, shown),
        key=key,
        column_config={
            "Name": st.column_config.TextColumn(width="medium"),
            "State": st.column_config.TextColumn(width=STATE_WIDTH),
        },
        alt="Your documents",
    )
    if len(found) > SHOWN:
        st.caption(f"{SHOWN} of {len(found):,} documents. The filters find the others.")
    ticked = [shown[row] for row in chosen["selection"]["rows"] if row < len(shown)]
    st.session_state["ticked"] = {_line(entry) for entry in ticked}
    return ticked


def _line(entry: Entry) -> tuple[str, str]:
    return entry.document.id, entry.source


def _key(shown: Sequence[Entry]) -> str:
    """Another table for other rows: what is ticked is known by its place, and must never pass to another document."""
    rows = "\n".join(f"{identity}\t{source}" for identity, source in map(_line, shown))
    return f"documents-{digest_of(rows)[:12]}"


def _ticked_before(key: str, shown: Sequence[Entry]) -> Any:
    """What was ticked, where it is now; settled once for each table."""
    known_key, rows = st.session_state.get("ticked-at-first", ("", []))
    if known_key != key:
        ticked: set[tuple[str, str]] = st.session_state.get("ticked", set())
        rows = [row for row, entry in enumerate(shown) if _line(entry) in ticked]
        st.session_state["ticked-at-first"] = key, rows
    return {"selection": {"rows": rows, "columns": [], "cells": []}}


def _actions(chosen: Sequence[Entry]) -> None:
    if not chosen:
        st.caption("Tick documents to open, tag, move or delete them.")
        return
    ids = list(dict.fromkeys(entry.document.id for entry in chosen))
    with st.container(key="library-actions", horizontal=True, gap="small"):
        if len(chosen) == 1 and st.button("Open", icon=":material/open_in_new:", key="open-chosen", type="primary"):
            state.open_document(ids[0])
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


def _warnings(chosen: Sequence[Entry]) -> None:
    for entry in chosen[:NAMED]:
        for warning in entry.document.warnings:
            notices.warning(f"{name_of(entry)}: {warning}")


def _tag(ids: Sequence[str]) -> None:
    curation = state.assistant().curation
    tags = st.multiselect(
        "Tags to add", sorted(curation.tags()), accept_new_options=True, key="tags-to-add", placeholder="Name a tag"
    )

    def add() -> None:
        if notices.attempt(ERROR, lambda: curation.tag(ids, tags)):
            st.session_state["tags-to-add"] = []
            st.toast(f"{render.count(len(ids), 'document')} tagged")

    st.button("Add", key="add-tags", disabled=not tags, on_click=add)


def _move(ids: Sequence[str]) -> None:
    curation = state.assistant().curation
    names = sorted({*state.assistant().library.collections(), *st.session_state.get("own-collections", [])})
    target = st.selectbox(
        "Collection", names, index=None, accept_new_options=True, key="move-to", placeholder="Choose or name one"
    )

    def move() -> None:
        if notices.attempt(ERROR, lambda: curation.move(ids, str(target))):
            st.session_state["ticked"] = set()
            st.toast(f"{render.count(len(ids), 'document')} moved to {plain(str(target))}")

    st.button("Move", key="move-now", disabled=not target, on_click=move)


def _ask_removal(rows: list[Entry]) -> None:
    st.session_state["removing"] = rows


def _removing(rows: list[Entry]) -> None:
    """Asks once more, in place of the actions: corrections and citations could not be brought back afterwards."""
    names = ", ".join(f"“{plain(shorten(name_of(entry), 60))}”" for entry in rows[:NAMED])
    more = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    with st.container(key="removing", border=True, gap="small"):
        st.markdown(f":material/delete: **Delete {names}{more}?**")
        st.markdown(
            "Answers that cited this keep their words, but the pages cannot be opened any more, and corrections are "
            "lost. The files where you took them from are not touched."
        )
        with st.container(key="removing-actions", horizontal=True, gap="small"):
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

    _ask_removal([])
    if notices.attempt(ERROR, remove):
        st.session_state["ticked"] = set()
        st.toast(f"{render.count(len(rows), 'document')} deleted")
