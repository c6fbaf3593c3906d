"""Steps are told, counted, and stopped at the budget."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

from basicchat.core.errors import BadReply, BudgetSpent
from basicchat.core.events import Event, Stepped
from basicchat.core.types import Message
from basicchat.reason.budget import Budget
from basicchat.reason.engine import AnswerConfig, AnswerRequest
from basicchat.reason.steps import Manner, Steps
from basicchat.reason.task import Task
from basicchat.testing.chat import ScriptedChatModel


@pytest.fixture
def make_steps(asking: Callable[..., object]) -> Callable[..., Steps]:
    def make(**budget: float) -> Steps:
        config = AnswerConfig(budget=Budget(**budget))  # type: ignore[arg-type]
        return Steps(Task(AnswerRequest("Why?"), config, asking(None).retriever, lambda name: None))

    return make


def work(value: str) -> Generator[Event, None, str]:
    yield from ()
    return value


def failing() -> Generator[Event, None, str]:
    yield from ()
    raise BadReply("Nonsense.", provider="fake")


def test_a_step_is_told_when_it_begins_and_when_it_ends(make_steps) -> None:
    steps = make_steps()
    events = list(steps.run("Look", work("three"), detail=str.upper))
    assert [event.step.status for event in events if isinstance(event, Stepped)] == ["running", "done"]
    assert [(step.title, step.detail) for step in steps.taken] == [("Look", "THREE")]


def test_a_step_that_fails_says_so_and_raises(make_steps) -> None:
    steps = make_steps()
    with pytest.raises(BadReply):
        list(steps.run("Look", failing()))
    assert (steps.taken[0].status, steps.taken[0].detail) == ("failed", "Nonsense.")


def test_no_step_beyond_the_budget(make_steps) -> None:
    steps = make_steps(steps=1)
    steps.note("First")
    with pytest.raises(BudgetSpent, match="1 steps"):
        list(steps.run("Second", work("")))


def test_no_words_beyond_the_budget(make_steps) -> None:
    steps, model = make_steps(tokens=40), ScriptedChatModel(["word " * 60])
    list(steps.say(model, [Message("user", "Talk")], Manner(100)))
    assert (model.calls[0].options.max_tokens, steps.usage.completion_tokens) == (40, 40)
    with pytest.raises(BudgetSpent, match="tokens"):
        list(steps.say(model, [Message("user", "Talk")], Manner(100)))


def test_no_time_beyond_the_budget(make_steps) -> None:
    with pytest.raises(BudgetSpent, match="seconds"):
        list(make_steps(seconds=0.0).run("Look", work("")))


def test_a_model_that_says_nothing_is_an_error(make_steps) -> None:
    with pytest.raises(BadReply):
        list(make_steps().say(ScriptedChatModel([""]), [Message("user", "Talk")], Manner(100)))


def test_long_details_are_cut(make_steps) -> None:
    assert len(make_steps().note("Long", detail="x" * 5000).step.detail) <= 600
