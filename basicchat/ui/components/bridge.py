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


def listen() -> tuple[str, int] | None:
    """The citation that was just clicked: the key of its answer and its number."""
    result: Any = _component()(key="bridge", on_opened_change=lambda: None)
    key, _, number = str(getattr(result, "opened", None) or "").rpartition("-")
    return (key, int(number)) if key and number.isdecimal() else None
