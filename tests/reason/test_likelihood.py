"""What a chat model finds likely, before it says it."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Delta, GenerationOptions, Message
from basicchat.reason.context import direct_prompt_for, room
from basicchat.reason.gate import asked_models
from basicchat.reason.likelihood import answer_likelihood, yes_rather_than_no
from basicchat.reason.likelihood import asking as asking_for_yes
from basicchat.resilience.deadline import Deadline
from basicchat.testing.chat import EchoChatModel, ScriptedChatModel

from .conftest import passage

QUESTION = "When was the Colosseum finished?"

LOG_HALF = math.log(0.5)


def test_yes_is_weighed_against_no_however_they_are_written() -> None:
    told = [("Yes", math.log(0.3)), (" yes", math.log(0.3)), ("NO", math.log(0.2)), ("Perhaps", math.log(0.2))]
    assert yes_rather_than_no(told) == pytest.approx(0.75)
    assert yes_rather_than_no([("no", LOG_HALF)]) == 0.0
    assert yes_rather_than_no([("The", LOG_HALF)]) is None
    assert yes_rather_than_no([]) is None


@given(st.lists(st.tuples(st.sampled_from(["yes", " No", "It"]), st.floats(-30, 0))))
def test_it_is_a_probability_or_unknown(told: list[tuple[str, float]]) -> None:
    likelihood = yes_rather_than_no(told)
    assert likelihood is None or 0 <= likelihood <= 1


def test_the_passages_are_asked_about_in_the_words_that_answering_uses() -> None:
    model = EchoChatModel()
    prompt = direct_prompt_for(
        model, "How tall?", passages=[passage(1, "It is 330 metres tall.")], history=(), space=room(8192, max_tokens=64)
    )
    *before, last = asking_for_yes(prompt.messages)
    assert tuple(before) == prompt.messages[:-1]
    shared, _, ending = last.content.rpartition("\n")
    assert prompt.messages[-1].content.startswith(shared)
    assert "yes or no" in ending


def test_a_model_whose_server_does_not_tell_has_no_likelihood() -> None:
    model = EchoChatModel()
    prompt = direct_prompt_for(
        model, "How tall?", passages=[passage(1, "330 metres.")], history=(), space=room(8192, max_tokens=64)
    )
    assert answer_likelihood(model, prompt, window=8192, deadline=Deadline()) is None


class Doubting(ScriptedChatModel):
    """Tells how likely it finds yes, and then gives its replies."""

    def __init__(self, yes: float, replies: list[str], *, name: str) -> None:
        super().__init__(replies, name=name)
        self.asked = 0
        self._told = (("Yes", math.log(yes)), ("No", math.log(1 - yes)))

    def stream(self, messages: Sequence[Message], *, options: GenerationOptions, **more: Any) -> Generator[Delta]:
        """The likelihood where alternatives are asked for, else the next reply."""
        if not options.alternatives:
            return super().stream(messages, options=options, **more)
        self.asked += 1
        return iter([Delta(text="Yes", alternatives=self._told), Delta(done=True)])  # type: ignore[return-value]


@pytest.mark.parametrize("name", asked_models())
def test_a_model_that_doubts_is_not_asked_to_answer(asking: Callable[..., Any], name: str) -> None:
    doubting = Doubting(0.05, [], name=name)
    answer = asking(doubting, ask_model_first=True).answer(QUESTION)
    assert answer.abstained
    assert answer.passages
    assert (doubting.asked, doubting.calls) == (1, [])


@pytest.mark.parametrize("name", asked_models())
def test_a_model_that_does_not_doubt_answers(asking: Callable[..., Any], name: str) -> None:
    sure = Doubting(0.95, ["In 80 AD [1]."], name=name)
    assert not asking(sure, ask_model_first=True).answer(QUESTION).abstained
    assert sure.asked == 1


def test_models_are_not_asked_first_unless_told_and_measured(asking: Callable[..., Any]) -> None:
    name = next(iter(asked_models()))
    for model, first in (
        (Doubting(0.05, ["In 80 AD [1]."], name=name), False),
        (Doubting(0.05, ["80 AD [1]."], name="new"), True),
    ):
        assert not asking(model, ask_model_first=first).answer(QUESTION).abstained
        assert model.asked == 0


@pytest.mark.parametrize("least", asked_models().values())
def test_stricter_asks_the_model_for_more(least: dict[str, float]) -> None:
    assert 0 < least["helpful"] < least["balanced"] < least["strict"] < 1
