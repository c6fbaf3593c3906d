"""Trace: how one answer was made. Prompts, passages and replies are shown as text, whatever stands in them."""

from __future__ import annotations

import json

import streamlit as st

from basicchat.core.codec import to_json
from basicchat.core.errors import BasicChatError
from basicchat.core.trace import ModelCalled, PromptPart, SearchMade, ToolRan, Trace
from basicchat.ui import render, state, traces
from basicchat.ui.components import notices
from basicchat.ui.text import plain, shorten

PARAMETER = "answer"
"""The answer in the address of the page, beside its chat."""
LONG = 900
"""Characters from which on a text gets a box that scrolls."""
BOX = 320
"""Pixels of that box."""


def show() -> None:
    """The page."""
    with st.container(key="trace"):
        conversation = state.conversation_id()
        _back(conversation)
        try:
            found = state.assistant().traces.get(st.query_params.get(PARAMETER, ""), conversation_id=conversation)
        except BasicChatError as error:
            notices.error(error)
            return
        st.markdown("# How this answer was made", anchors=False)
        st.markdown(f"“{plain(shorten(found.question, 300))}”")
        st.caption(plain(traces.headline(found)))
        _times(found)
        _judged(found)
        _searches(found)
        _calls(found)
        _tools(found)
        _whole(found)


def _back(conversation: str | None) -> None:
    if st.button("Chat", key="back-to-chat", icon=":material/arrow_back:", type="tertiary"):
        where = {state.CHAT_PARAMETER: conversation} if conversation else None
        st.switch_page(state.page("chat"), query_params=where)


def _times(found: Trace) -> None:
    st.markdown("## Times", anchors=False)
    st.html(traces.waterfall(traces.bars(found)))
    steps = [span for span in found.spans if span.kind == "step"]
    for span in steps:
        st.caption(f"Step {span.number}: {plain(shorten(span.name, 160))}")


def _judged(found: Trace) -> None:
    if not found.gates and found.support is None:
        return
    st.markdown("## Gate and check", anchors=False)
    for gate in found.gates:
        icon = ":material/check_circle:" if gate.opened else ":material/block:"
        st.markdown(f"{icon} **Gate.** {plain(traces.gate_line(gate))}")
        if gate.evidence:
            st.caption(f"Evidence: {plain(traces.evidence_line(gate))}")
    if found.support is not None:
        borne_out, total = found.support.supported, found.support.total
        st.markdown(f":material/rule: **Check.** {borne_out} of {render.count(total, 'sentence')} borne out.")
        for sentence in found.support.unsupported:
            st.caption(f"Without support: “{plain(sentence)}”")


def _searches(found: Trace) -> None:
    if not found.searches:
        return
    st.markdown("## Searches", anchors=False)
    for number, made in enumerate(found.searches, start=1):
        _search(number, made)


def _search(number: int, made: SearchMade) -> None:
    hits = render.count(len(made.hits), "hit")
    st.markdown(
        f"**Search {number}.** “{plain(shorten(made.query, 300))}” · {hits} · {plain(traces.took(made.seconds))}"
    )
    if made.hits:
        rows = min(36 * (len(made.hits) + 1), 400)
        st.dataframe(
            traces.hits_table(made), hide_index=True, placeholder="", alt=f"Hits of search {number}", height=rows
        )


def _calls(found: Trace) -> None:
    if not found.calls:
        return
    st.markdown("## Calls of models", anchors=False)
    for number, call in enumerate(found.calls, start=1):
        title = plain(shorten(traces.call_title(number, call), 120))
        opened = st.expander(title, key=f"call-{number}", icon=":material/smart_toy:", on_change="rerun")
        if opened.open:
            with opened:
                _call(call)


def _call(call: ModelCalled) -> None:
    st.caption(plain(traces.call_facts(call)))
    if call.error:
        st.markdown(f":red[:material/error:] {plain(call.error)}")
    if table := traces.tokens_table(call):
        st.markdown(table)
    st.markdown("**Prompt, as it was sent**")
    for part in call.parts:
        _part(part)
    if call.thinking:
        st.markdown("**Thinking**")
        _text(call.thinking)
    st.markdown("**Reply**")
    _text(call.reply)


def _part(part: PromptPart) -> None:
    st.caption(f"{traces.PARTS.get(part.name, 'Other')} · {plain(part.role)}, message {part.message + 1}")
    _text(part.text)


def _tools(found: Trace) -> None:
    if not found.tools:
        return
    st.markdown("## Tools", anchors=False)
    for number, ran in enumerate(found.tools, start=1):
        _tool(number, ran)


def _tool(number: int, ran: ToolRan) -> None:
    failed = " · :red[failed]" if ran.failed else ""
    st.markdown(f"**Tool {number}.** {plain(ran.name)} · {plain(traces.took(ran.seconds))}{failed}")
    _text(json.dumps(to_json(ran.arguments), ensure_ascii=False, indent=2))
    _text(ran.result)


def _whole(found: Trace) -> None:
    st.markdown("## As JSON", anchors=False)
    written = json.dumps(to_json(found), ensure_ascii=False, indent=2)
    st.download_button(
        "Download",
        data=written.encode("utf-8", "replace"),
        file_name="trace.json",
        mime="application/json",
        key="download-trace",
        icon=":material/download:",
        on_click="ignore",
    )
    if found.left_out:
        st.caption(f"{found.left_out:,} characters were too many to keep.")
    opened = st.expander("To copy", key="trace-json", icon=":material/content_copy:", on_change="rerun")
    if opened.open:
        with opened:
            _text(written)


def _text(text: str) -> None:
    """Text as it is: a box of code shows every character and interprets none."""
    st.code(text, language=None, wrap_lines=True, height=BOX if len(text) > LONG else "content")
