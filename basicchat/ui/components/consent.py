"""Tools that an answer used, and cards for those that wait for a word of the reader. Nothing runs before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from basicchat.core.types import Json, ToolUse
from basicchat.toolbox import Grant
from basicchat.ui import render
from basicchat.ui.components import exhibits
from basicchat.ui.text import plain, shorten

LONGEST_VALUE = 600
"""Characters of an argument that a card shows: enough to see what would leave, and that there is more."""

SHORT_VALUE = 80
"""Arguments of one line up to so many characters stand together."""

LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Consent:
    """What a card can do: ``give`` an answer to a call that waits; ``off`` tells whether a tool is turned off."""

    give: Callable[[ToolUse, Grant], None]
    off: Callable[[str], bool]


def used(calls: tuple[ToolUse, ...], *, key: str) -> None:
    """The calls whose results went into an answer, one line each, with the tables and charts that they gave."""
    there = render.results(calls)
    if not there:
        return
    with st.container(key=f"calls-{key}", gap="small"):
        for number, call in enumerate(there):
            st.caption(f":material/build: {plain(shorten(call.line, LONGEST_LINE))}")
            for at, exhibit in enumerate(call.shown):
                exhibits.show(exhibit, key=f"{key}-{number}-{at}")


def cards(calls: tuple[ToolUse, ...], *, key: str, consent: Consent | None) -> None:
    """A card for every call that waits. ``consent`` None, under older answers, leaves out the buttons."""
    for index, call in enumerate(calls):
        if call.outcome == "asked":
            with st.container(key=f"wants-{key}-{index}", border=True, gap="small"):
                _card(call, key=f"{key}-{index}", consent=consent)


def _card(call: ToolUse, *, key: str, consent: Consent | None) -> None:
    st.markdown(f":material/front_hand: **{plain(call.name)} did not run. It needs your consent.**")
    given = {name: _value(value) for name, value in call.arguments.items()}
    short = {name: value for name, value in given.items() if len(value) <= SHORT_VALUE and "\n" not in value}
    if short:
        st.code("\n".join(f"{name}: {value}" for name, value in short.items()), language=None, wrap_lines=True)
    for name in (name for name in given if name not in short):
        st.caption(plain(name))
        st.code(given[name], language=None, wrap_lines=True)
    st.markdown(f"Why you are asked: {plain(call.said)}.")
    if consent is None:
        return
    if consent.off(call.name):
        st.caption(
            f":material/block: {plain(call.name)} is turned off. Turn it on again with `basicchat tools enable`."
        )
        return
    with st.container(key=f"consent-buttons-{key}", horizontal=True, gap="small"):
        for label, grant in _choices(call):
            st.button(
                label,
                key=f"consent-{grant}-{key}",
                type="primary" if grant == "yes" else "secondary",
                on_click=consent.give,
                args=(call, grant),
            )


def _choices(call: ToolUse) -> list[tuple[str, Grant]]:
    """Labels of buttons. A consent for always would not hold where words of others led to a call: it is asked anew."""
    always: list[tuple[str, Grant]] = [] if call.tainted else [("Always", "always")]
    return [("Allow once", "yes"), *always, ("Never", "never")]


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}\n… {len(text) - LONGEST_VALUE:,} more"
