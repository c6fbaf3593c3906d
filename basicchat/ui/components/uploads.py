"""Getting files in: the drop zone, and a folder with all that is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.ui import state
from basicchat.ui.components import notices

READ = "PDF, Word, slides, sheets, web pages, mail, notes, code, pictures, sound, and zip files of these."
"""What can be dropped; what cannot be read says so by name and reason."""


def drop_zone(*, collection: str, key: str, label: str = "Drop files here") -> None:
    """A place to drop files; they are handed over at once and the zone is empty again."""
    _zone(label, collection=collection, key=key, folder=False)


def folder_zone(*, collection: str, key: str) -> None:
    """A place to drop a folder, or to choose one."""
    _zone("Choose a folder", collection=collection, key=key, folder=True)


def _zone(label: str, *, collection: str, key: str, folder: bool) -> None:
    turn = st.session_state.setdefault(f"{key}-turn", 0)
    files = st.file_uploader(
        label, accept_multiple_files="directory" if folder else True, key=f"{key}-{turn}", help=READ
    )
    if files and hand_over(files, collection=collection):
        st.session_state[f"{key}-turn"] = turn + 1
        st.rerun()


def hand_over(files: Iterable[Any], *, collection: str) -> bool:
    """Give uploaded files to the library; whether it took them."""
    try:
        state.assistant().library.submit_uploads(
            [(file.name, file.getvalue()) for file in files], collection=collection
        )
    except BasicChatError as error:
        notices.error(error)
        return False
    return True
