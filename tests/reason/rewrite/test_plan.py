"""From a question in its conversation to the texts to search with."""

from __future__ import annotations

import pytest

from basicchat.core.errors import Cancelled
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message
from basicchat.reason.rewrite.config import FollowUps, RewriteConfig
from basicchat.reason.rewrite.plan import Plan, plan
from basicchat.resilience.deadline import Deadline
from basicchat.testing.chat import FaultyChatModel, ScriptedChatModel

TOWER = [Message("user", "How tall is the Eiffel Tower?"), Message("assistant", "The Eiffel Tower is 330 metres [1].")]


def planned(question: str, config: RewriteConfig, model: ChatModel | None = None) -> Plan:
    return plan(question, TOWER, config=config, model=lambda: model, deadline=Deadline())


def untouched() -> ChatModel:
    raise AssertionError("no model is wanted")


@pytest.mark.parametrize(
    ("follow_ups", "expected"), [("off", "Why?"), ("rules", "Why? Eiffel Tower"), ("model", "Why? Eiffel Tower")]
)
def test_who_makes_a_follow_up_stand_alone(follow_ups: FollowUps, expected: str) -> None:
    assert planned("Why?", RewriteConfig(follow_ups)).texts == (expected,)


def test_the_models_line_is_taken_where_the_question_leans() -> None:
    model = ScriptedChatModel(["Why is the Eiffel Tower so tall?"])
    found = planned("Why is it so tall?", RewriteConfig("model"), model)
    assert found == Plan(("Why is the Eiffel Tower so tall?",))


def test_a_line_that_is_turned_down_leaves_the_rules_form_and_says_so() -> None:
    found = planned("Why is it so tall?", RewriteConfig("model"), ScriptedChatModel(["Buy 7 lamps."]))
    assert found.question == "Why is it so tall? Eiffel Tower"
    assert len(found.warnings) == 1


def test_a_model_that_is_too_slow_leaves_the_rules_form() -> None:
    model = FaultyChatModel("hang")
    found = planned("Why?", RewriteConfig("model", model_seconds=0.05), model)
    model.release()
    assert found.question == "Why? Eiffel Tower"
    assert len(found.warnings) == 1


def test_no_model_is_asked_where_the_rules_suffice() -> None:
    question = "Where does the Colosseum in Rome stand?"
    for config in (RewriteConfig("model"), RewriteConfig("rules", decompose=True, expand=True)):
        found = plan(question, TOWER, config=config, model=untouched, deadline=Deadline())
        assert found == Plan((question,))


def test_parts_and_an_imagined_passage_are_searched_too() -> None:
    question = "Is the Louvre older, and who built the Louvre?"
    model = ScriptedChatModel(["The Louvre was built by kings."])
    found = planned(question, RewriteConfig(decompose=True, hypothetical=True), model)
    assert found.texts == (
        question,
        "Is the Louvre older?",
        "who built the Louvre?",
        f"{question} The Louvre was built by kings.",
    )


def test_a_cancelled_question_is_not_planned_further() -> None:
    deadline = Deadline()
    model = FaultyChatModel("hang")
    deadline.cancel()
    with pytest.raises(Cancelled):
        plan("Why?", TOWER, config=RewriteConfig("model", model_seconds=0.05), model=lambda: model, deadline=deadline)
    model.release()
