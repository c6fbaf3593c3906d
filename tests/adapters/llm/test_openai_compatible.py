"""What goes over OpenAI's wire; the rest is in the contract and fault tests."""

from __future__ import annotations

import json

from basicchat.adapters.llm.openai_compatible import OpenAICompatibleModel
from basicchat.core.types import GenerationOptions, Message, ToolCall, ToolSpec
from basicchat.testing.faulty_server import FaultyServer

ADD = ToolSpec("add", "Adds.", {"type": "object"})


def test_the_request():
    history = (
        Message("user", "Add."),
        Message("assistant", "", tool_calls=(ToolCall("add", {"a": 1}), ToolCall("sub", {"a": 2}))),
        Message("tool", "-2", tool_name="sub"),
        Message("tool", "1", tool_name="add"),
    )
    with FaultyServer() as server:
        model = OpenAICompatibleModel("m", url=f"{server.url}/v1/", context_window=4096, api_key="key")
        options = GenerationOptions(window=4096, max_tokens=9, stop=("x",))
        deltas = list(model.stream(history, options=options, tools=(ADD,), schema={"type": "object"}))
        ((path, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert (body["max_tokens"], body["stop"], body["stream"]) == (9, ["x"], True)
    assert body["tools"][0]["function"]["name"] == "add"
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    add, sub = body["messages"][1]["tool_calls"]
    assert json.loads(add["function"]["arguments"]) == {"a": 1}
    assert [message.get("tool_call_id") for message in body["messages"][2:]] == [sub["id"], add["id"]]
    assert deltas[-1].usage.prompt_tokens == 400


def test_what_else_it_could_have_said_is_asked_for():
    with FaultyServer() as server:
        model = OpenAICompatibleModel("m", url=f"{server.url}/v1", context_window=4096)
        list(model.stream((Message("user", "hi"),), options=GenerationOptions(window=4096, alternatives=5)))
        ((_, body),) = server.requests
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)


def test_what_is_empty_is_left_out():
    with FaultyServer() as server:
        model = OpenAICompatibleModel("m", url=f"{server.url}/v1", context_window=4096)
        list(model.stream((Message("user", "hi"),), options=GenerationOptions(window=4096, seed=None)))
        ((_, body),) = server.requests
    assert not {"tools", "stop", "seed", "max_tokens", "response_format", "logprobs"} & set(body)
