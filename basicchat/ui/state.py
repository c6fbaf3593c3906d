"""What the page remembers: the process's assistant, and where this browser tab is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from basicchat import settings as settings_module
from basicchat.settings import Settings
from basicchat.ui.places import OpenSource

if TYPE_CHECKING:
    from basicchat.service.assistant import Assistant

CONVERSATION = "conversation"
CHAT_PARAMETER = "chat"


class Served:
    """The settings this process serves with; read from the environment when nobody handed any over."""

    settings: Settings | None = None
    opened: Assistant | None = None


def use(settings: Settings) -> None:
    """Serve with these settings from now on."""
    Served.settings = settings


def settings() -> Settings:
    """The settings in force."""
    if Served.settings is None:
        Served.settings = settings_module.load()
    return Served.settings


def assistant() -> Assistant:
    """The one assistant of this process, opened on first use. Raises `StoreLocked` when another has the home."""
    from basicchat.bootstrap import shared_assistant

    Served.opened = shared_assistant(settings())
    return Served.opened


def close() -> None:
    """Stop every answer in the making and release the assistant, when the server goes down."""
    from basicchat.ui import live

    live.stop_all()
    if Served.opened is not None:
        Served.opened.close()
        Served.opened = None


def keep_pages(pages: Mapping[str, StreamlitPage]) -> None:
    """Remember the pages of this run, so that a part of one may lead to another."""
    st.session_state["pages"] = dict(pages)


def page(name: str) -> StreamlitPage:
    """A page of this run."""
    found: StreamlitPage = st.session_state["pages"][name]
    return found


def open_document(document_id: str, *, page_number: int = 1, passage: str = "") -> None:
    """Leave for the page of a document, at a page and, where one is named, a passage of it."""
    where = {"document": document_id, "page": str(page_number)} | ({"passage": passage} if passage else {})
    st.switch_page(page("document"), query_params=where)


def open_trace(answer_id: str) -> None:
    """Leave for the page that tells how an answer of this conversation was made."""
    where = {CHAT_PARAMETER: conversation_id() or "", "answer": answer_id}
    st.switch_page(page("trace"), query_params=where)


def conversation_id() -> str | None:
    """The conversation this tab is in: kept in the address, so a reload comes back to it."""
    known = st.session_state.get(CONVERSATION) or st.query_params.get(CHAT_PARAMETER)
    return str(known) if known else None


def enter(conversation: str | None) -> None:
    """Go to a conversation, or to a new one with None."""
    st.session_state[CONVERSATION] = conversation
    show_source(None)
    remember_address()


def enter_quietly(conversation: str) -> None:
    """Note where this tab is, after a reload for example, without closing anything."""
    st.session_state[CONVERSATION] = conversation
    remember_address()


def remember_address() -> None:
    """Write the conversation into the address of the page."""
    conversation = st.session_state.get(CONVERSATION)
    if conversation:
        st.query_params[CHAT_PARAMETER] = conversation
    else:
        st.query_params.pop(CHAT_PARAMETER, None)


def source() -> OpenSource | None:
    """What the source pane shows, None when it is closed."""
    found = st.session_state.get("source")
    return found if isinstance(found, OpenSource) else None


def show_source(opened: OpenSource | None) -> None:
    """Open the source pane, or close it with None."""
    st.session_state["source"] = opened
