"""Folders of this machine that are followed: what changes there changes here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import streamlit as st

from basicchat.core.errors import InvalidInput
from basicchat.core.types import WatchedFolder
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

ERROR = "folder-error"


def show(*, collection: str) -> None:
    """The followed folders, and a place to name another."""
    folders = state.assistant().folders
    for folder in folders.all():
        _folder(folder)
    notices.kept(ERROR)
    st.caption("Its files stay where they are. What is new, changed or deleted there is so here too.")
    with st.form("follow-folder", border=False, clear_on_submit=False):
        path = st.text_input("Folder on this machine", key="follow-path", placeholder="/home/you/Documents")
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

    def follow() -> None:
        if not path.strip():
            raise InvalidInput("Name the folder to follow.", hint="For example /home/you/Documents.")
        folder = folders.add(Path(path.strip()).expanduser(), collection=collection, ignore=patterns)
        folders.submit(folder.id)

    notices.attempt(ERROR, follow)
    st.rerun()


def _folder(folder: WatchedFolder) -> None:
    now = datetime.now().astimezone()
    with st.container(key=f"folder-{folder.id}", gap="small"):
        when = "not read yet" if folder.synced_at is None else f"read {render.when(folder.synced_at, now=now)}"
        paused = " · paused" if folder.paused else ""
        st.markdown(f":material/folder: **{plain(shorten(folder.path, 60))}**")
        st.caption(f"{plain(folder.collection)} · {when}{paused}")
        with st.container(key=f"folder-actions-{folder.id}", horizontal=True, gap="small"):
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
    acts: dict[str, Callable[[], object]] = {
        "submit": lambda: folders.submit(folder_id),
        "remove": lambda: folders.remove(folder_id),
        "pause": lambda: folders.pause(folder_id),
        "again": lambda: folders.pause(folder_id, paused=False),
    }
    notices.attempt(ERROR, acts[what])
