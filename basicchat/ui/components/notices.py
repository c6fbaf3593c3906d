"""What went wrong and what to do next, said calmly."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Failed
from basicchat.ui import errors
from basicchat.ui.errors import Notice
from basicchat.ui.text import plain


def error(problem: BasicChatError | Failed) -> None:
    """A card about an error."""
    card(errors.notice(problem))


def attempt(name: str, act: Callable[[], object]) -> bool:
    """Do what a button says, in its callback; an error is kept under ``name`` for `kept`. Whether it went well."""
    st.session_state.pop(name, None)
    try:
        act()
    except BasicChatError as problem:
        st.session_state[name] = problem
        return False
    return True


def kept(name: str) -> None:
    """The error of the last `attempt` of this name; it stays until it is dismissed or another attempt is made."""
    problem = st.session_state.get(name)
    if problem is None:
        return
    with st.container(key=f"kept-{name}", gap="small"):
        card(errors.notice(problem), key=f"notice-{name}")
        st.button(
            "Dismiss",
            key=f"dismiss-{name}",
            icon=":material/close:",
            type="tertiary",
            on_click=st.session_state.pop,
            args=(name, None),
        )


def card(notice: Notice, *, key: str = "") -> None:
    """A card: title, what happened, what to do next, and the code to quote."""
    with st.container(key=key or f"notice-{notice.code}", border=True):
        st.markdown(f":material/error: **{plain(notice.title)}**")
        st.markdown(plain(notice.message))
        if notice.hint:
            st.markdown(plain(notice.hint))
        st.caption(f"Code: `{notice.code}`")


def warning(sentence: str) -> None:
    """One quiet line about something the reader should know."""
    st.caption(f":material/info: {plain(sentence)}")
