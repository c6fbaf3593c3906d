"""Tool calls are found however a small model wraps them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.llm.embedded.tool_calls import Call, ToolCallFilter, read_calls

TOOLS = ("get_weather", "add")
PARIS = Call("get_weather", {"city": "Paris"})


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
        '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}',
        '```json\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n```',
        '```\n{"name": "get_weather", "parameters": {"city": "Paris"}}\n```',
        '{"name": "get_weather", "arguments": {"city": "Paris"}}',
        '[{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}]',
        '{"tool_calls": [{"function": {"name": "get_weather", "arguments": {"city": "Paris"}}}]}',
    ],
)
def test_every_way_to_write_a_call(text):
    assert read_calls(text, TOOLS) == ("", [PARIS])


def test_text_round_a_call_is_kept():
    text = 'I look it up. <tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'
    assert read_calls(text, TOOLS) == ("I look it up.", [PARIS])


def test_several_calls():
    one = '<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call>'
    two = '<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}</tool_call>'
    assert read_calls(one + two, TOOLS) == ("", [PARIS, Call("add", {"a": 1, "b": 2})])


def test_calls_on_lines_of_one_fence():
    lines = '{"name": "get_weather", "arguments": {"city": "Paris"}}\n{"name": "add", "arguments": {}}'
    assert read_calls(f"```json\n{lines}\n```", TOOLS) == ("", [PARIS, Call("add", {})])


@pytest.mark.parametrize(
    "text",
    [
        "Just talk.",
        '```json\n{"city": "Paris"}\n```',
        '{"name": "launch_missiles", "arguments": {}}',
        "```python\nprint(1)\n```",
        '<tool_call>{"name": "get_weather", "arguments": {"ci',
        '{"name": "get_weather", "arguments": [1]}',
        '{"name": "get_weather", "arguments": "not json"}',
        "[]",
        "42",
    ],
)
def test_what_is_not_a_call_stays_text(text):
    assert read_calls(text, TOOLS) == (text, [])


def test_plain_text_is_not_held_back():
    filtered = ToolCallFilter(TOOLS)
    assert filtered.feed("The weather ") == "The weather "
    assert filtered.feed("is 5 < 6 ") == "is 5 < 6 "
    assert filtered.finish() == ("", [])


def test_a_call_is_held_back_from_its_first_character():
    filtered = ToolCallFilter(TOOLS)
    shown = [filtered.feed(piece) for piece in ("Wait <to", 'ol_call>{"name": "add", ', '"arguments": {}}</tool_call>')]
    assert shown == ["Wait ", "", ""]
    assert filtered.finish() == ("", [Call("add", {})])


def test_without_tools_everything_passes():
    filtered = ToolCallFilter(())
    assert filtered.feed('```json\n{"name": "add"}') == '```json\n{"name": "add"}'
    assert filtered.finish() == ("", [])


@given(st.lists(st.text(alphabet='<tool_call>`{}[]" \nab', max_size=12), max_size=12))
def test_no_text_is_lost_when_there_is_no_call(pieces):
    filtered = ToolCallFilter(TOOLS)
    shown = "".join(filtered.feed(piece) for piece in pieces)
    rest, calls = filtered.finish()
    assert calls == []
    assert shown + rest == "".join(pieces)
