"""The one script of the page: it hears clicks on citation chips and keys, and tells screen readers of the answer."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from basicchat.ui.theme import ASSETS


@cache
def _component() -> ComponentRenderer:
    script = (ASSETS / "bridge.js").read_text(encoding="utf-8")
    return st.components.v2.component("basicchat_bridge", js=script)


def listen() -> None:
    """Put the script on the page; once a run, on every page."""
    told = {"ended": st.session_state.get("ended", "")}
    result: Any = _component()(data=told, key="bridge", on_opened_change=lambda: None)
    st.session_state["clicked"] = str(getattr(result, "opened", None) or "")


def clicked() -> tuple[str, int] | None:
    """The citation that was just clicked: the key of its answer and its number."""
    key, _, number = st.session_state.get("clicked", "").rpartition("-")
    return (key, int(number)) if key and number.isdecimal() else None


def tell_ended(key: str) -> None:
    """From the next run on the script knows that this answer is whole, and has it read out. ``key`` is its turn's."""
    count = int(st.session_state.get("ended", "0").partition("-")[0])
    st.session_state["ended"] = f"{count + 1}-{key}"
