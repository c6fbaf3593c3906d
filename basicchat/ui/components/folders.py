"""Folders of this machine that are followed: what changes there changes here."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import WatchedFolder
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten


def show(*, collection: str) -> None:
    """The followed folders, and a place to name another."""
    folders = state.assistant().folders
    for folder in folders.all():
        _folder(folder)
    problem = st.session_state.pop("folder-error", None)
    if problem is not None:
        notices.error(problem)
    with st.form("follow-folder", border=False, clear_on_submit=False):
        path = st.text_input(
            "Folder on this machine",
            key="follow-path",
            placeholder="/home/you/Documents",
            help="Its files are read where they lie; what changes there is followed, what is deleted there goes.",
        )
        ignore = st.text_input(
            "Leave out",
            key="follow-ignore",
            placeholder="*.tmp, drafts/",
            help="Patterns as in .gitignore",
        )
        if st.form_submit_button("Follow this folder", icon=":material/folder_eye:"):
            _follow(path, ignore, collection)


def _follow(path: str, ignore: str, collection: str) -> None:
    folders = state.assistant().folders
    patterns = [pattern.strip() for pattern in ignore.split(",") if pattern.strip()]
    try:
        folder = folders.add(Path(path.strip() or ".").expanduser(), collection=collection, ignore=patterns)
        folders.submit(folder.id)
    except BasicChatError as error:
        st.session_state["folder-error"] = error
    st.rerun()


def _folder(folder: WatchedFolder) -> None:
    now = datetime.now().astimezone()
    with st.container(key=f"folder-{folder.id}", gap="small"):
        when = "not read yet" if folder.synced_at is None else f"read {render.when(folder.synced_at, now=now)}"
        paused = " · paused" if folder.paused else ""
        st.markdown(f":material/folder: **{plain(shorten(folder.path, 60))}**")
        st.caption(f"{plain(folder.collection)} · {when}{paused}")
        with st.container(horizontal=True, gap="small"):
            st.button("Look now", key=f"sync-{folder.id}", type="tertiary", on_click=_act, args=("submit", folder.id))
            label, act = ("Follow again", "again") if folder.paused else ("Pause", "pause")
            st.button(label, key=f"pause-{folder.id}", type="tertiary", on_click=_act, args=(act, folder.id))
            st.button(
                "Follow no more",
                key=f"unfollow-{folder.id}",
                type="tertiary",
                help="Its documents stay in the library.",
                on_click=_act,
                args=("remove", folder.id),
            )


def _act(what: str, folder_id: str) -> None:
    folders = state.assistant().folders
    try:
        if what == "submit":
            folders.submit(folder_id)
        elif what == "remove":
            folders.remove(folder_id)
        else:
            folders.pause(folder_id, paused=what == "pause")
    except BasicChatError as error:
        st.session_state["folder-error"] = error
