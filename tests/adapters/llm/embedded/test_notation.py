"""Ollama's notation and llama.cpp's."""

from __future__ import annotations

import json

import pytest

from basicchat.adapters.llm.embedded.notation import (
    DEFAULT_KEEP_ALIVE,
    BadRequest,
    End,
    Piece,
    chat_out,
    generate_out,
    keep_alive_seconds,
    messages_in,
    response_format,
    sampling,
    tool_names,
)
from basicchat.adapters.llm.embedded.tool_calls import Call


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, DEFAULT_KEEP_ALIVE),
        (0, 0),
        (-1, -1),
        (90, 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("-1m", -60),
        ("-1", -1),
        ("0", 0),
    ],
)
def test_keep_alive(value, seconds):
    assert keep_alive_seconds(value) == seconds


@pytest.mark.parametrize("value", ["soon", "5 parsecs", "m5", ""])
def test_keep_alive_that_makes_no_sense(value):
    with pytest.raises(BadRequest, match="duration"):
        keep_alive_seconds(value)


def test_sampling_takes_what_llama_knows_and_names_the_limit():
    options = {"num_ctx": 4096, "num_predict": 5, "temperature": 0, "seed": 1, "stop": ["x"], "mirostat": 2}
    assert sampling(options) == {"temperature": 0, "seed": 1, "stop": ["x"], "max_tokens": 5}
    assert sampling({"num_predict": -1}) == {}


def test_response_format():
    assert response_format(None) == {}
    assert response_format("") == {}
    assert response_format("json") == {"response_format": {"type": "json_object"}}
    assert response_format({"type": "object"})["response_format"]["json_schema"]["schema"] == {"type": "object"}
    with pytest.raises(BadRequest):
        response_format("xml")


def test_results_find_their_calls():
    calls = [{"function": {"name": name, "arguments": {"x": 1}}} for name in ("first", "second")]
    out = messages_in(
        [
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "content": "2", "tool_name": "second"},
            {"role": "tool", "content": "1"},
        ]
    )
    ids = [call["id"] for call in out[0]["tool_calls"]]
    assert [message.get("tool_call_id") for message in out[1:]] == [ids[1], ids[0]]
    assert json.loads(out[0]["tool_calls"][0]["function"]["arguments"]) == {"x": 1}


@pytest.mark.parametrize("messages", ["hello", [1], [{"role": "assistant", "tool_calls": [{}]}]])
def test_messages_that_make_no_sense(messages):
    with pytest.raises(BadRequest):
        messages_in(messages)


def test_tool_names():
    assert tool_names([{"type": "function", "function": {"name": "add"}}]) == ["add"]
    assert tool_names(None) == []
    with pytest.raises(BadRequest):
        tool_names([{}])


def test_lines_out():
    piece = chat_out("m", Piece(text="Hi", thinking="Hm", calls=(Call("add", {"a": 1}),)))
    assert piece["message"] == {
        "role": "assistant",
        "content": "Hi",
        "thinking": "Hm",
        "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1}}}],
    }
    assert piece["done"] is False
    end = generate_out("m", End("stop", prompt_tokens=3, completion_tokens=2))
    assert (end["done"], end["response"], end["prompt_eval_count"], end["eval_count"]) == (True, "", 3, 2)
