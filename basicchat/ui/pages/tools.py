"""Tools: what there is, what each may do, and a form to make one."""

from __future__ import annotations

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.toolbox import Standing, ToolStatus
from basicchat.ui import state
from basicchat.ui.components import notices, tool_form
from basicchat.ui.text import plain, shorten

STANDINGS: dict[Standing, str] = {"always": "On", "ask": "Asks first", "once": "Asks once", "never": "Off"}
NEEDS = {"read": "reads your documents", "write": "writes files", "network": "reaches the network"}


def show() -> None:
    """The page."""
    with st.container(key="tools"):
        st.markdown("# Tools", anchors=False)
        st.caption("What the assistant can do besides reading passages. A change counts at once.")
        try:
            box = state.assistant().tools
            tool_form.show()
            for status in sorted(box.tools(), key=lambda each: (each.builtin, each.info.name)):
                _tool(status)
            for broken in box.broken():
                notices.warning(f"{broken.origin} cannot be used: {broken.reason}")
        except BasicChatError as error:
            notices.error(error)


def _tool(status: ToolStatus) -> None:
    info = status.info
    with st.container(key=f"tool-{info.name}", border=True, gap="small"):
        needs = ", ".join(NEEDS[each] for each in sorted(info.permissions)) or "needs nothing"
        origin = "" if status.builtin else f" · {plain(shorten(status.origin, 80))}"
        with st.container(key=f"tool-head-{info.name}", horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(info.name)}**", width="stretch")
            key = f"standing-{info.name}"
            st.session_state[key] = status.standing
            st.selectbox(
                f"When {info.name} may run",
                list(STANDINGS),
                key=key,
                format_func=STANDINGS.__getitem__,
                on_change=_change,
                args=(info.name, key),
                label_visibility="collapsed",
                width=140,
            )
        st.markdown(plain(info.description))
        st.caption(f"{needs} · version {plain(shorten(info.version, 20))}{origin}")


def _change(name: str, key: str) -> None:
    state.assistant().tools.set(name, st.session_state[key])
