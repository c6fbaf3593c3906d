"""The pages of the program."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from basicchat.ui import state, theme
from basicchat.ui.components import bridge, drawer
from basicchat.ui.pages import chat, document, library, quality, research, settings, status, tools, trace


def navigation(default: str = "chat") -> StreamlitPage:
    """Every page, the one of the address chosen; the drawer is drawn beside it."""
    st.set_page_config(page_title="BasicChat", page_icon=str(theme.ASSETS / "icon.png"), layout="wide")
    theme.apply()
    shows: dict[str, tuple[Callable[[], None], str]] = {
        "chat": (chat.show, "Chat"),
        "library": (library.show, "Library"),
        "research": (research.show, "Research"),
        "document": (document.show, "Document"),
        "trace": (trace.show, "Trace"),
        "quality": (quality.show, "Quality"),
        "tools": (tools.show, "Tools"),
        "status": (status.show, "Status"),
        "settings": (settings.show, "Settings"),
    }
    pages = {
        name: st.Page(show, title=f"{title} - BasicChat", url_path=name, default=name == default)
        for name, (show, title) in shows.items()
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    state.keep_pages(pages)
    bridge.listen()
    drawer.show(pages)
    return chosen
