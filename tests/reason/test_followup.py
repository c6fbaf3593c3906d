"""Words that want no search."""

from __future__ import annotations

import pytest

from basicchat.reason.followup import is_small_talk


@pytest.mark.parametrize("text", ["Hi!", "Hello there", "Thank you very much", "Who are you?", "How are you?"])
def test_small_talk_has_nothing_to_look_for(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize("text", ["Hi, what is the rent?", "Nike revenue", "2019?"])
def test_a_question_is_no_small_talk(text: str) -> None:
    assert not is_small_talk(text)
