"""Status: how things stand, in sentences first."""

from __future__ import annotations

import streamlit as st

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Check
from basicchat.service.status import ServerStatus, Status
from basicchat.ui import render, state
from basicchat.ui.components import fetching, notices
from basicchat.ui.text import plain

BREAKERS = {
    "closed": ":green[:material/check_circle:] working",
    "open": ":red[:material/pause_circle:] paused after failures",
    "half-open": ":orange[:material/help:] being tried again",
}
"""Words for the state of a breaker."""

SERVERS = {"ollama": "Ollama", "embedded": "Built-in model server", "fake": "Pretend model"}


def show() -> None:
    """The page."""
    with st.container(key="status"):
        st.markdown("# Status", anchors=False)
        try:
            status = state.assistant().status()
            _sentences(status)
            fetching.line()
            _buttons()
            _servers(status.servers)
            _store(status)
            _versions(status)
        except BasicChatError as error:
            notices.error(error)


def _sentences(status: Status) -> None:
    icon = ":green[:material/check_circle:]" if status.ok else ":orange[:material/error:]"
    with st.container(key="sentences"):
        for index, sentence in enumerate(status.sentences):
            st.markdown(f"{icon} {plain(sentence)}" if index == 0 else plain(sentence))


def _buttons() -> None:
    with st.container(key="status-buttons", horizontal=True, gap="small"):
        st.button("Check again", key="check-again", icon=":material/refresh:")
        examine = st.button("Look everything over", key="examine", icon=":material/stethoscope:")
        repair = st.button("Repair", key="repair", icon=":material/build:")
    if examine or repair:
        with st.spinner("Looking everything over"):
            _checks(state.assistant().doctor(repair=repair))


def _checks(checks: list[Check]) -> None:
    for check in checks:
        icon = ":green[:material/check_circle:]" if check.ok else ":red[:material/error:]"
        st.markdown(f"{icon} **{plain(check.name)}** {plain(check.detail)}")
        if check.repair:
            st.caption(plain(check.repair))


def _servers(servers: tuple[ServerStatus, ...]) -> None:
    st.markdown("## Models", anchors=False)
    rows = ["| Server | State | Models | In memory |", "|---|---|---|---|"]
    for server in servers:
        words = BREAKERS.get(server.breaker, plain(server.breaker))
        if not server.ok and server.breaker == "closed":
            words = f":gray[:material/radio_button_unchecked:] {plain(server.detail)}"
        if server.retry_in:
            words += f", tried again in {render.seconds(server.retry_in)}"
        name = SERVERS.get(server.provider, server.provider)
        rows.append(
            f"| {plain(name)} {plain(server.version)} | {words} | {_names(server.models)} | {_names(server.loaded)} |"
        )
    st.markdown("\n".join(rows))


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(plain(render.model_words(name)) for name in names) or "none"


def _store(status: Status) -> None:
    st.markdown("## Library", anchors=False)
    ready = "ready" if status.embedder_ready else "not here yet"
    _pairs(
        {
            "Documents": f"{status.documents:,}",
            "Conversations": f"{status.conversations:,}",
            "Finds by meaning with": f"{status.embedder} ({ready})",
            "Orders with": status.reranker or "nothing",
            "Kept in": status.home,
            "Left this machine": "nothing"
            if not status.left_this_machine
            else f"{status.left_this_machine:,} requests",
        }
    )


def _versions(status: Status) -> None:
    st.markdown("## Versions", anchors=False)
    _pairs(dict(status.versions))


def _pairs(pairs: dict[str, str]) -> None:
    rows = [f"| {plain(name)} | {plain(value)} |" for name, value in pairs.items()]
    st.markdown("\n".join(["| | |", "|---|---|", *rows]))
