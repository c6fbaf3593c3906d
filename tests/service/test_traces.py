"""How an answer was made stays with it, and goes with its conversation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.types import Answer, Conversation, Turn
from basicchat.service.assistant import Assistant
from basicchat.service.traces import Traces
from basicchat.settings import load
from basicchat.testing.store import MemoryStore

QUESTION = "When was the lighthouse built?"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    notes = tmp_path / "notes.md"
    notes.write_text("The lighthouse was built in 1887 by Ada Smith.\n", encoding="utf-8")
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as opened:
        opened.ingest([notes])
        yield opened


def test_it_survives_and_goes_with_the_conversation(assistant: Assistant, tmp_path: Path) -> None:
    chat = assistant.chats.create()
    list(assistant.chats.send(chat.id, QUESTION))
    (kept,) = assistant.traces.answers()
    assert (kept.question, kept.conversation_id) == (QUESTION, chat.id)
    assistant.close()
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as again:
        trace = again.traces.get(kept.id)
        assert trace.question == QUESTION
        assert trace.searches[0].hits[0].text.startswith("The lighthouse")
        assert trace == again.traces.get(kept.id[:8], conversation_id=chat.id)
        again.chats.remove(chat.id)
        assert again.traces.answers() == []
        with pytest.raises(NotFound):
            again.traces.get(kept.id)


def test_an_answer_that_is_given_again_was_not_made(assistant: Assistant) -> None:
    chat, other = assistant.chats.create(), assistant.chats.create()
    list(assistant.chats.send(chat.id, QUESTION, mode="extractive"))
    list(assistant.chats.send(other.id, QUESTION, mode="extractive"))
    answer = assistant.chats.turns(other.id)[-1].answer
    assert answer is not None
    assert answer.earlier is not None
    assert [each.conversation_id for each in assistant.traces.answers()] == [chat.id]
    with pytest.raises(NotFound, match="Nobody recorded"):
        assistant.traces.get(assistant.chats.turns(other.id)[-1].id)


def test_what_cannot_be_told_apart_or_read_is_refused() -> None:
    store = MemoryStore()
    answer = Answer("Yes.", abstained=False, mode="direct", model="m", trace="broken")
    with store.begin() as unit:
        unit.conversations.add(Conversation("c", "C", 1.0, 1.0))
        for name in ("ab1", "ab2", "ab"):
            unit.conversations.add_turn("c", Turn(name, "assistant", "Yes.", 1.0, answer=answer))
    traces = Traces(store)
    with pytest.raises(InvalidInput, match="3 answers"):
        traces.get("a")
    for name in ("ab", "ab1"):
        with pytest.raises(NotFound, match="cannot be read"):
            traces.get(name)
    with pytest.raises(NotFound, match="not here"):
        traces.get("")
    with pytest.raises(InvalidInput):
        traces.answers(limit=0)
