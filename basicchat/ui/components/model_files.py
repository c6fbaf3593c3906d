"""Model files: what is here, what can be fetched, what can go."""

from __future__ import annotations

import streamlit as st

from basicchat.ui import render, state
from basicchat.ui.components import fetching
from basicchat.ui.text import plain

ROLES = {"chat": "writes answers", "embed": "finds passages by meaning", "rerank": "puts passages in order"}
"""What models of a role are for."""


def show() -> None:
    """The models of the catalogue, each with the one thing that can be done with it."""
    st.markdown("## Models", anchors=False)
    fetching.line()
    fetched = {job.title for job in fetching.jobs()}
    for model in state.assistant().models.files():
        if model.role not in ROLES:  # what only tests use
            continue
        with st.container(key=f"model-{model.name}", horizontal=True, vertical_alignment="center", gap="small"):
            here = ":green[:material/check_circle:] here" if model.installed else ":gray[not here]"
            what = ROLES.get(model.role, model.role)
            facts = f"{what} · {render.size(model.size_bytes)} · {model.licence} · {model.name}"
            st.markdown(
                f"**{plain(model.title or model.name)}** {here}  \n:small[:gray[{plain(facts)}]]", width="stretch"
            )
            if model.installed:
                st.button("Remove", key=f"remove-{model.name}", on_click=_remove, args=(model.name,), type="tertiary")
            else:
                st.button(
                    "Fetch",
                    key=f"fetch-{model.name}",
                    icon=":material/download:",
                    on_click=_pull,
                    args=(model.name,),
                    disabled=any(model.name in title for title in fetched),
                )


def _pull(name: str) -> None:
    state.assistant().models.pull(name)


def _remove(name: str) -> None:
    state.assistant().models.remove(name)
