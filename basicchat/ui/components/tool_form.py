"""The form that makes a tool: its words, its parameters, its code, a try, and saving."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from basicchat.bootstrap.tools import tools_folder
from basicchat.core.errors import BasicChatError, Conflict
from basicchat.core.tools import Chart, Rows, Text, ToolResult
from basicchat.core.types import Json
from basicchat.toolbox import Standing
from basicchat.toolbox.making import KINDS, MOST_PARAMETERS, Draft, Parameter, save, tool_of, value_of
from basicchat.ui import state
from basicchat.ui.components import exhibits, notices

EXAMPLE = "len(text.split())"
ASKS: dict[str, Standing] = {"Runs by itself": "always", "Asks before every call": "ask"}
SAVED = "tool-saved"


@dataclass(frozen=True)
class Typed:
    """What stands in the form: the tool, and the values to try it with."""

    draft: Draft
    values: tuple[str, ...]
    standing: Standing

    @property
    def arguments(self) -> dict[str, Json]:
        """The values as the parameters want them. Raises `InvalidInput`."""
        pairs = zip(self.draft.parameters, self.values, strict=True)
        return {each.name: value_of(each.kind, text) for each, text in pairs}


def show() -> None:
    """Draw the form."""
    if saved := st.session_state.pop(SAVED, ""):
        st.markdown(f":green[:material/check_circle:] Saved. `{saved}` is a tool now.")
    with st.expander("Make a tool", icon=":material/add:", key="make-tool"):
        st.caption("A few lines of Python become a tool. They run in the sandbox: no files, no network, 10 seconds.")
        typed = _typed()
        with st.container(key="tool-buttons", horizontal=True, gap="small"):
            tries = st.button("Try it", key="try-tool", icon=":material/play_arrow:")
            saves = st.button("Save", key="save-tool", icon=":material/save:", type="primary")
        try:
            if tries:
                _result(state.assistant().tools.trial(tool_of(typed.draft), typed.arguments))
            if saves:
                _save(typed)
        except BasicChatError as error:
            notices.error(error)


def _typed() -> Typed:
    name = st.text_input("Name", key="tool-name", placeholder="word_count", max_chars=64)
    description = st.text_input(
        "What it does", key="tool-description", placeholder="Counts the words of a text.", max_chars=400
    )
    count = st.number_input("Parameters", 0, MOST_PARAMETERS, 1, key="tool-parameters")
    parameters, values = [], []
    for at in range(int(count)):
        with st.container(key=f"tool-parameter-{at}", border=True, gap="small"):
            title = st.text_input(f"Name of parameter {at + 1}", key=f"parameter-name-{at}", placeholder="text")
            kind = st.selectbox(f"Kind of parameter {at + 1}", KINDS, key=f"parameter-kind-{at}")
            about = st.text_input(f"What parameter {at + 1} is", key=f"parameter-about-{at}", placeholder="A text.")
            values.append(st.text_input(f"A value to try parameter {at + 1} with", key=f"parameter-value-{at}"))
            parameters.append(Parameter(title.strip(), kind, about.strip()))
    code = st.text_area(
        "Code",
        key="tool-code",
        placeholder=EXAMPLE,
        height=160,
        help="Parameters are variables. The value of the last line comes back; a list of dicts is a table.",
    )
    asks = st.selectbox("Permission", list(ASKS), key="tool-asks")
    return Typed(Draft(name.strip(), description.strip(), tuple(parameters), code), tuple(values), ASKS[asks])


def _result(result: ToolResult) -> None:
    with st.container(key="tool-result", border=True, gap="small"):
        st.markdown(":green[:material/check_circle:] It ran and gave:")
        for at, part in enumerate(result.parts):
            if isinstance(part, Text):
                st.code(part.text, language=None, wrap_lines=True)
            elif isinstance(part, Chart | Rows):
                exhibits.show(part, key=f"try-{at}")


def _save(typed: Typed) -> None:
    box = state.assistant().tools
    if typed.draft.name in box.names():
        raise Conflict(f"There is a tool {typed.draft.name} already.", hint="Choose another name.")
    save(typed.draft, tools_folder(state.settings()))
    box.set(typed.draft.name, typed.standing)
    st.session_state[SAVED] = typed.draft.name
    st.rerun()
