"""Conversations keep what was asked and answered, also when an answer is stopped half-way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.events import Event, Failed, Finished, Token
from basicchat.core.types import Answer, Message
from basicchat.service.chats import TITLE_LENGTH, Chats, title_of
from basicchat.testing.store import MemoryStore


class Stream:
    """Answers "one two three" and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Message, ...]]] = []
        self.closed = False

    def __call__(self, question: str, **options: object) -> Iterator[Event]:
        self.asked.append((question, options["history"]))  # type: ignore[arg-type]
        try:
            for word in ("one ", "two ", "three"):
                yield Token(word)
            yield Finished(Answer(text="one two three", abstained=False, mode="direct", model="m"))
        finally:
            self.closed = True


def failing(question: str, **options: object) -> Iterator[Event]:
    yield Token("half ")
    yield Failed("provider-error", "It broke.", "Ask again.")


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def chats(stream: Stream) -> Chats:
    return Chats(store=MemoryStore(), stream=stream)


def test_an_answer_is_kept(chats: Chats) -> None:
    chat = chats.create()
    list(chats.send(chat.id, "What is it?"))
    asked, answered = chats.turns(chat.id)
    assert (asked.role, asked.content) == ("user", "What is it?")
    assert (answered.content, answered.stopped) == ("one two three", False)
    assert answered.answer is not None
    assert chats.get(chat.id).title == "What is it?"


def test_the_question_is_kept_before_the_answer_begins(chats: Chats) -> None:
    chat = chats.create()
    chats.send(chat.id, "What is it?")
    assert [turn.content for turn in chats.turns(chat.id)] == ["What is it?"]


def test_stopping_keeps_what_there_is(chats: Chats, stream: Stream) -> None:
    chat = chats.create()
    events = chats.send(chat.id, "What is it?")
    next(events), next(events)
    events.close()  # type: ignore[attr-defined]
    answered = chats.turns(chat.id)[-1]
    assert (answered.content, answered.stopped, answered.answer) == ("one two ", True, None)
    assert stream.closed


def test_a_failure_keeps_what_there_is() -> None:
    chats = Chats(store=MemoryStore(), stream=failing)
    chat = chats.create()
    assert isinstance(list(chats.send(chat.id, "Why?"))[-1], Failed)
    assert chats.turns(chat.id)[-1].content == "half "


def test_earlier_turns_are_handed_on(chats: Chats, stream: Stream) -> None:
    chat = chats.create()
    list(chats.send(chat.id, "First?"))
    list(chats.send(chat.id, "Second?"))
    assert [message.content for message in stream.asked[1][1]] == ["First?", "one two three"]


def test_the_last_used_comes_first(chats: Chats) -> None:
    first, second = chats.create(title="a"), chats.create(title="b")
    list(chats.send(first.id, "Again"))
    assert [chat.id for chat in chats.list()] == [first.id, second.id]


def test_removed_and_restored(chats: Chats) -> None:
    chat = chats.create()
    list(chats.send(chat.id, "What is it?"))
    kept, turns = chats.get(chat.id), chats.turns(chat.id)
    chats.remove(chat.id)
    with pytest.raises(NotFound):
        chats.get(chat.id)
    chats.restore(kept, turns)
    assert (chats.get(chat.id), chats.turns(chat.id)) == (kept, turns)


def test_renaming(chats: Chats) -> None:
    chat = chats.create()
    assert chats.rename(chat.id, "  My   lease ").title == "My lease"
    with pytest.raises(InvalidInput):
        chats.rename(chat.id, " ")


def test_an_empty_question_is_refused(chats: Chats) -> None:
    chat = chats.create()
    with pytest.raises(InvalidInput):
        chats.send(chat.id, "  ")
    assert chats.turns(chat.id) == []


def test_a_removed_conversation_is_not_written_to(chats: Chats) -> None:
    chat = chats.create()
    events = chats.send(chat.id, "What is it?")
    next(events)
    chats.remove(chat.id)
    list(events)
    assert chats.list() == []


def test_titles_are_cut_at_a_word() -> None:
    assert title_of("short  one") == "short one"
    title = title_of("word " * 40)
    assert len(title) <= TITLE_LENGTH + 1
    assert title.endswith("word…")


def test_a_repaired_answer_takes_the_place_of_the_kept_one(stream: Stream) -> None:
    asked = []

    def repair(question: str, answer: Answer, model: str | None) -> Answer:
        asked.append((question, answer.text, model))
        return replace(answer, text="one two")

    chats = Chats(store=MemoryStore(), stream=stream, repair=repair)
    chat = chats.create()
    list(chats.send(chat.id, "What is it?"))
    _, before = chats.turns(chat.id)
    after = chats.repair(chat.id, before.id, model="m")
    assert asked == [("What is it?", "one two three", "m")]
    assert chats.turns(chat.id)[1] == after
    assert (after.id, after.content, after.answer.text) == (before.id, "one two", "one two")


def test_what_is_no_answer_cannot_be_repaired(chats: Chats) -> None:
    chat = chats.create()
    list(chats.send(chat.id, "What is it?"))
    for turn in (chats.turns(chat.id)[0].id, "nothing"):
        with pytest.raises(NotFound):
            chats.repair(chat.id, turn)
