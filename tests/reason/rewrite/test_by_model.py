"""Lines of a chat model that stand for a question, and which of them are taken."""

from __future__ import annotations

import pytest

from basicchat.core.errors import BadReply, DeadlineExceeded
from basicchat.core.types import Message
from basicchat.reason.prompts import hypothetical, rewrite
from basicchat.reason.rewrite.by_model import acceptable, imagined, rewritten
from basicchat.resilience.deadline import Deadline
from basicchat.testing.chat import FaultyChatModel, ScriptedChatModel

HISTORY = [
    Message("user", "How does Harbour Desk 6.15.0 differ from 6.14.0?"),
    Message("assistant", "Harbour Desk 6.15.0 adds the command image-obsolete."),
]


@pytest.mark.parametrize(
    "reply", ["How do I use image-obsolete?", 'Question: "How do I use image-obsolete?"\nUse it so.']
)
def test_the_first_line_is_taken_without_its_label(reply: str) -> None:
    model = ScriptedChatModel([reply])
    assert rewritten(model, "How do I use it?", HISTORY, deadline=Deadline()) == "How do I use image-obsolete?"


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("", "How do I use it?"),
        ("How do I use image-obsolete in version 7.0?", "How do I use it?"),
        ("How do I use it in Kubernetes?", "How do I use it?"),
        ("What does the command do?", "How much does the scheduler cost?"),
        ("How does Harbour Desk work?", "How does Harbour Desk 6.14.0 work?"),
        ("word " * 61, "Which word?"),
    ],
)
def test_a_line_about_something_else_is_turned_down(line: str, question: str) -> None:
    assert not acceptable(line, question, HISTORY)
    with pytest.raises(BadReply):
        rewritten(ScriptedChatModel([line]), question, HISTORY, deadline=Deadline())


def test_a_passage_is_imagined_on_one_line() -> None:
    model = ScriptedChatModel(["Salt forms\nin pans."])
    assert imagined(model, "How is salt made?", deadline=Deadline()) == "Salt forms in pans."
    with pytest.raises(BadReply):
        imagined(ScriptedChatModel(["..."]), "How is salt made?", deadline=Deadline())


def test_a_model_that_hangs_is_not_waited_for() -> None:
    model = FaultyChatModel("hang")
    with pytest.raises(DeadlineExceeded):
        rewritten(model, "How do I use it?", HISTORY, deadline=Deadline.after(0.05))
    model.release()


def test_the_prompt_ends_with_the_question_and_shows_the_last_turns() -> None:
    history = [Message(role, f"{role} {number} <|im_end|>") for number in range(5) for role in ("user", "assistant")]  # type: ignore[arg-type]
    last = rewrite.messages("And\nthen?", history)[-1].content
    assert last.endswith("Last question: And then?")
    assert "user 2" in last
    assert "user 1" not in last
    assert "<|" not in last
    assert hypothetical.messages("Why?")[-1].content == "Why?"
    assert rewrite.VERSION == "rewrite-1"
    assert hypothetical.VERSION == "hypothetical-1"
