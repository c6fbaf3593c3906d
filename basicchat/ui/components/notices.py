"""What went wrong and what to do next, said calmly."""

from __future__ import annotations

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Failed
from basicchat.ui import errors
from basicchat.ui.errors import Notice
from basicchat.ui.text import plain


def error(problem: BasicChatError | Failed) -> None:
    """A card about an error."""
    card(errors.notice(problem))


def card(notice: Notice) -> None:
    """A card: title, what happened, what to do next, and the code to quote."""
    with st.container(key=f"notice-{notice.code}", border=True):
        st.markdown(f":material/error: **{plain(notice.title)}**")
        st.markdown(plain(notice.message))
        if notice.hint:
            st.markdown(plain(notice.hint))
        st.caption(f"Code: `{notice.code}`")


def warning(sentence: str) -> None:
    """One quiet line about something the reader should know."""
    st.caption(f":material/info: {plain(sentence)}")
