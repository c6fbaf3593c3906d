"""Questions that lean on what was said before."""

from __future__ import annotations

import pytest

from basicchat.core.types import Message
from basicchat.reason.followup import is_small_talk, search_text

BEFORE = [Message("user", "How tall is the Eiffel Tower?"), Message("assistant", "330 metres [1].")]


@pytest.mark.parametrize("question", ["And who built it?", "Why?", "What about the weight of its steel frame?"])
def test_a_question_that_leans_is_searched_with_the_one_before(question: str) -> None:
    assert search_text(question, BEFORE) == f"How tall is the Eiffel Tower? {question}"


def test_a_question_that_stands_alone_is_searched_alone() -> None:
    question = "Where does the Colosseum in Rome stand?"
    assert search_text(question, BEFORE) == question
    assert search_text("Why?", []) == "Why?"


@pytest.mark.parametrize("text", ["Hi!", "Hello there", "Thank you very much", "Who are you?", "How are you?"])
def test_small_talk_has_nothing_to_look_for(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize("text", ["Hi, what is the rent?", "Nike revenue", "2019?"])
def test_a_question_is_no_small_talk(text: str) -> None:
    assert not is_small_talk(text)
