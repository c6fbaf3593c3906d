"""What a chat model finds likely, before it says it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.context import direct_prompt_for, room
from basicchat.reason.likelihood import answer_likelihood, asking, yes_rather_than_no
from basicchat.resilience.deadline import Deadline
from basicchat.testing.chat import EchoChatModel

from .conftest import passage

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
    *before, last = asking(prompt.messages)
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
