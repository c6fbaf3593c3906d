"""The drawer: new chat, search, what was talked about, and the way to the other pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Conversation
from basicchat.ui import render, state
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

LISTED = 60
"""Conversations listed at once; search finds the others."""

RENAME, DELETE = "Rename", "Delete"


def show(pages: Mapping[str, StreamlitPage]) -> None:
    """Draw the drawer."""
    with st.sidebar, st.container(key="drawer"):
        st.markdown("### :primary[:material/menu_book:] BasicChat", anchors=False)
        if st.button(
            "New chat", key="new-chat", icon=":material/edit_square:", shortcut="ctrl+shift+o", width="stretch"
        ):
            state.enter(None)
            st.switch_page(pages["chat"])
        with st.container(key="history"):
            _history(pages)
        with st.container(key="links", gap=None):
            st.page_link(pages["library"], label="Library", icon=":material/folder_open:")
            st.page_link(pages["research"], label="Research", icon=":material/travel_explore:")
            st.page_link(pages["tools"], label="Tools", icon=":material/build:")
            st.page_link(pages["status"], label="Status", icon=":material/monitor_heart:")
            st.page_link(pages["settings"], label="Settings", icon=":material/tune:")
            if st.button("Keyboard", key="shortcuts", icon=":material/keyboard:", type="tertiary"):
                shortcuts()


def _history(pages: Mapping[str, StreamlitPage]) -> None:
    try:
        conversations = state.assistant().chats.list()
    except BasicChatError as error:
        notices.error(error)
        return
    _undo()
    wanted = ""
    if len(conversations) > 5:
        wanted = st.text_input(
            "Search chats", key="find-chat", placeholder="Search chats", label_visibility="collapsed"
        ).casefold()
    found = [one for one in conversations if wanted in one.title.casefold()]
    if conversations and not found:
        st.caption("No chat has this in its title.")
    now = datetime.now().astimezone()
    for name, group in render.by_day(found[:LISTED], now=now).items():
        st.caption(name)
        for conversation in group:
            _row(conversation, pages)


def _row(conversation: Conversation, pages: Mapping[str, StreamlitPage]) -> None:
    here = state.conversation_id() == conversation.id
    key = f"{'here' if here else 'chat'}-{conversation.id}"
    with st.container(key=f"row-{key}", horizontal=True, wrap=False, gap=None, vertical_alignment="center"):
        label = plain(shorten(conversation.title or "New chat", 48))
        if st.button(label, key=key, type="tertiary", width="stretch"):
            state.enter(conversation.id)
            st.switch_page(pages["chat"])
        chosen = st.menu_button(
            f"Rename or delete {shorten(conversation.title, 40)}",
            [RENAME, DELETE],
            key=f"menu-{conversation.id}",
            icon=":material/more_horiz:",
            type="tertiary",
        )
    if chosen == RENAME:
        _rename(conversation)
    elif chosen == DELETE:
        _delete(conversation)


@st.dialog("Rename chat")
def _rename(conversation: Conversation) -> None:
    with st.form("rename", border=False):
        title = st.text_input("Title", value=conversation.title, max_chars=120)
        if st.form_submit_button("Save", type="primary"):
            try:
                state.assistant().chats.rename(conversation.id, title)
            except BasicChatError as error:
                notices.error(error)
            else:
                st.rerun()


def _delete(conversation: Conversation) -> None:
    chats = state.assistant().chats
    st.session_state["deleted-chat"] = (conversation, chats.turns(conversation.id))
    chats.remove(conversation.id)
    if state.conversation_id() == conversation.id:
        state.enter(None)
    st.rerun()


def _undo() -> None:
    kept = st.session_state.get("deleted-chat")
    if kept is None:
        return
    conversation, turns = kept
    with st.container(key="undo", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Deleted “{plain(shorten(conversation.title or 'New chat', 28))}”")
        if st.button("Undo", key="undo-delete", icon=":material/undo:", type="tertiary"):
            state.assistant().chats.restore(conversation, turns)
            del st.session_state["deleted-chat"]
            st.rerun()
        if st.button("Dismiss", key="dismiss-undo", icon=":material/close:", type="tertiary"):
            del st.session_state["deleted-chat"]
            st.rerun()


@st.dialog("Keyboard")
def shortcuts() -> None:
    """The sheet of keys."""
    st.markdown(
        "| Key | What it does |\n|---|---|\n"
        "| `/` | Go to the question box |\n| `Enter` | Send |\n| `Shift+Enter` | New line |\n"
        "| `Esc` | Stop the answer, or close the source |\n| `[` and `]` | Previous and next citation |\n"
        "| `Ctrl+Shift+O` | New chat |\n| `?` | This sheet |"
    )
