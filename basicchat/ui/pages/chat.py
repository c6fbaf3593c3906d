"""Chat: a question, an answer as it is written, and the page each citation points to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from basicchat.core.errors import BasicChatError, NotFound
from basicchat.core.types import ToolCall, ToolUse, Turn
from basicchat.toolbox import Grant
from basicchat.ui import errors, live, render, state
from basicchat.ui.components import activity, answer, bridge, composer, fetching, notices, source_pane, welcome
from basicchat.ui.components.answer import Actions
from basicchat.ui.components.consent import Consent
from basicchat.ui.places import OpenSource
from basicchat.ui.render import Shown


def show() -> None:
    """The page."""
    clicked = bridge.clicked()
    try:
        conversation, turns = _turns()
        first = st.empty()  # an empty slot clears at once, while a container would keep its old content until the end
        if not turns:
            with first.container(key="welcome"):
                welcome.show(ask)
        with st.container(key="conversation"):
            _draw(conversation, turns, clicked)
            growing = st.container(key="growing")
            if problem := st.session_state.pop("problem", None):
                notices.card(problem)
        source_pane.show()
        with st.bottom, st.container(key="composer"):
            _reading(turns)
            fetching.line()
            composer.show(ask, running=_running(conversation) is not None)
        _follow(conversation, growing)
    except BasicChatError as error:
        notices.error(error)


def ask(
    question: str,
    *,
    mode: str | None = None,
    fresh: bool = False,
    allowed: Sequence[ToolCall] = (),
    without: Sequence[str] = (),
) -> None:
    """Put a question in this conversation; a new one is begun where there is none. Runs as a callback."""
    try:
        _send(question, mode or composer.mode(), fresh=fresh, allowed=allowed, without=without)
    except BasicChatError as error:
        st.session_state["problem"] = errors.notice(error)


def _send(question: str, mode: str, *, fresh: bool, allowed: Sequence[ToolCall], without: Sequence[str]) -> None:
    chats = state.assistant().chats
    conversation = state.conversation_id()
    if conversation is None:
        conversation = chats.create(collection=composer.collection()).id
        state.enter(conversation)
    st.session_state.setdefault("failures", {}).pop(conversation, None)
    st.session_state["allowed"] = {question: list(allowed)}  # a yes is for this question, until another one is asked
    model, documents = composer.model(), composer.documents()
    events = chats.send(
        conversation,
        question,
        mode=mode,
        model=model,
        document_ids=documents,
        fresh=fresh,
        specialist=composer.specialist(),
        allowed=allowed,
        without=without,
    )
    live.start(conversation, question, events)


def _turns() -> tuple[str | None, Sequence[Turn]]:
    conversation = state.conversation_id()
    if conversation is None:
        return None, []
    try:
        state.assistant().chats.get(conversation)
    except NotFound:
        state.enter(None)
        return None, []
    state.enter_quietly(conversation)
    return conversation, state.assistant().chats.turns(conversation)


def _reading(turns: Sequence[Turn]) -> None:
    """Files dropped into the question box show above it; the empty chat has its own place for them."""
    if turns and activity.busy():
        activity.show()


def _running(conversation: str | None) -> live.LiveAnswer | None:
    return live.find(conversation)


def _draw(conversation: str | None, turns: Sequence[Turn], clicked: tuple[str, int] | None) -> None:
    running = _running(conversation)
    asked = ""
    for index, turn in enumerate(turns):
        if turn.role == "user":
            asked = turn.content
            answer.question(asked, key=turn.id)
            continue
        shown = render.shown_turn(turn)
        _open(clicked, turn.id, shown)
        last = index == len(turns) - 1 and running is None
        answer.draw(shown, key=turn.id, actions=_actions(asked, turn.id) if last else None)
    failure: Shown | None = st.session_state.get("failures", {}).get(conversation)
    if failure and running is None:
        answer.draw(failure, key="failed", actions=_actions(asked))


def _actions(question: str, turn_id: str = "") -> Actions:
    return Actions(
        again=lambda: ask(question, fresh=True),
        without_documents=lambda: ask(question, mode="chat"),
        repair=(lambda: _repair(turn_id)) if turn_id else None,
        consent=Consent(give=partial(_consent, question), off=_off),
        leave_out=lambda document_id: ask(question, fresh=True, without=[document_id]),
    )


def _consent(question: str, call: ToolUse, grant: Grant) -> None:
    """What the reader says to a call that waits: a yes asks again, with every call of this question allowed."""
    try:
        if grant in ("always", "never"):
            state.assistant().tools.set(call.name, "always" if grant == "always" else "never")
    except BasicChatError as error:
        st.session_state["problem"] = errors.notice(error)
        return
    if grant in ("yes", "always"):
        known = st.session_state.get("allowed", {}).get(question, [])
        ask(question, mode="agent", fresh=True, allowed=[*known, ToolCall(call.name, call.arguments)])


def _off(name: str) -> bool:
    try:
        return state.assistant().tools.status(name).standing == "never"
    except NotFound:
        return True


def _repair(turn_id: str) -> None:
    """Repair a kept answer; what keeps it from that is told below the conversation."""
    try:
        state.assistant().chats.repair(state.conversation_id() or "", turn_id, model=composer.model())
    except BasicChatError as error:
        st.session_state["problem"] = errors.notice(error)


def _open(clicked: tuple[str, int] | None, key: str, shown: Shown) -> None:
    if clicked is None or clicked[0] != key:
        return
    places = render.places(shown)
    index = next((at for at, place in enumerate(places) if place.number == clicked[1]), None)
    if index is not None:
        state.show_source(OpenSource(places, index))


def _follow(conversation: str | None, growing: st.delta_generator.DeltaGenerator) -> None:
    running = _running(conversation)
    if conversation is None or running is None:
        return
    with growing:
        shown = answer.follow(running, key="live")
    running.join(5.0)
    live.forget(conversation, running)
    if shown.failure:
        st.session_state.setdefault("failures", {})[conversation] = shown
    bridge.tell_ended("failed" if shown.failure else _last(conversation))
    st.rerun()


def _last(conversation: str) -> str:
    turns = state.assistant().chats.turns(conversation)
    return turns[-1].id if turns else ""
