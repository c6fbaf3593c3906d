"""JSON out of replies."""

from __future__ import annotations

import pytest

from basicchat.reason.modes.plan_and_execute import Planned, read_plan
from basicchat.reason.structured import json_in, texts_of


@pytest.mark.parametrize("reply", ['{"a": 1}', 'Here you are:\n```json\n{"a": 1}\n```', '  {"a": 1} '])
def test_json_is_found_between_other_words(reply: str) -> None:
    assert json_in(reply) == {"a": 1}


@pytest.mark.parametrize("reply", ["", "nothing", "} {", "{a: 1}", '{"a": 1'])
def test_what_is_no_json_is_told(reply: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_in(reply)


def test_texts_are_trimmed_and_each_once() -> None:
    assert texts_of({"q": [" a  b ", "a b", "", 3, "c", "d"]}, "q", most=2) == ("a b", "c")


@pytest.mark.parametrize("value", [None, [], {}, {"q": "a"}, {"q": []}, {"q": [3]}])
def test_a_list_that_is_not_there_is_told(value) -> None:
    with pytest.raises(ValueError, match="list"):
        texts_of(value, "q", most=3)


def test_a_plan_is_read() -> None:
    assert read_plan({"steps": [{"do": "search", "text": " a  b "}]}) == (Planned("search", "a b"),)


@pytest.mark.parametrize("step", [{}, {"do": "delete", "text": "a"}, {"do": "search", "text": " "}, "search"])
def test_a_step_that_cannot_be_carried_out_is_named(step) -> None:
    with pytest.raises(ValueError, match="step 2"):
        read_plan({"steps": [{"do": "search", "text": "a"}, step]})
