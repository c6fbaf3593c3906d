"""Messages, options and estimates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from basicchat.adapters.llm.wire import (
    TokenEstimate,
    alternatives_out,
    calls_in,
    delta_in,
    message_out,
    options_out,
    tool_out,
)
from basicchat.core.types import GenerationOptions, Message, ToolCall, ToolSpec


def test_options_always_name_the_window():
    assert options_out(GenerationOptions(window=4096, seed=None)) == {"num_ctx": 4096, "temperature": 0.0}
    full = GenerationOptions(window=4096, max_tokens=5, temperature=0.5, seed=7, stop=("x",))
    assert options_out(full) == {"num_ctx": 4096, "temperature": 0.5, "num_predict": 5, "seed": 7, "stop": ["x"]}


def test_messages_with_tools():
    call = message_out(Message("assistant", "", tool_calls=(ToolCall("add", {"a": 1}, id="call_1"),)))
    assert call["tool_calls"] == [{"function": {"name": "add", "arguments": {"a": 1}}}]
    assert message_out(Message("tool", "2", tool_name="add")) == {"role": "tool", "content": "2", "tool_name": "add"}
    assert tool_out(ToolSpec("add", "Adds.", {"type": "object"}))["function"]["parameters"] == {"type": "object"}


def chunk(**parts):
    message = SimpleNamespace(content=None, thinking=None, tool_calls=parts.pop("tool_calls", None))
    nothing = dict.fromkeys(("prompt_eval_count", "eval_count", "prompt_eval_duration", "eval_duration"))
    return SimpleNamespace(
        message=message, **{**nothing, "load_duration": None, "done_reason": None, "logprobs": None, **parts}
    )


def test_the_last_delta_carries_usage_in_seconds():
    last = delta_in(chunk(done=True, done_reason="length", prompt_eval_count=9, eval_duration=2_500_000_000))
    assert last.done
    assert last.finish_reason == "length"
    assert (last.usage.prompt_tokens, last.usage.completion_seconds) == (9, 2.5)
    assert last.usage.load_seconds is None


def test_a_piece_has_no_usage_and_no_reason():
    piece = delta_in(chunk(done=False, done_reason="stop"))
    assert (piece.usage, piece.finish_reason) == (None, None)


def test_a_piece_tells_what_else_it_could_have_been():
    others = [{"token": "Yes", "logprob": -0.25}, {"token": "No", "logprob": -1.5}]
    told = [{"token": "Yes", "logprob": -0.25, "top_logprobs": others}]
    assert delta_in(chunk(done=False, logprobs=told)).alternatives == (("Yes", -0.25), ("No", -1.5))
    assert delta_in(chunk(done=False)).alternatives == ()


def test_the_likeliest_tokens_are_only_told_when_asked_for():
    assert alternatives_out(GenerationOptions(window=4096)) == {}
    asked = alternatives_out(GenerationOptions(window=4096, alternatives=5))
    assert asked == {"logprobs": True, "top_logprobs": 5}


def test_calls_are_numbered():
    call = SimpleNamespace(function=SimpleNamespace(name="add", arguments={"a": 1}))
    assert [found.id for found in calls_in([call, call])] == ["call_1", "call_2"]


def test_an_estimate_approaches_what_the_server_counts():
    estimate = TokenEstimate()
    for _ in range(10):
        estimate.learn(4000, 1, 1008)
    assert estimate.tokens(4000, 1) == pytest.approx(1008, rel=0.01)


@pytest.mark.parametrize("counted", [None, 0, 8, 10, 300, 100_000])
def test_an_implausible_count_teaches_nothing(counted):
    estimate = TokenEstimate()
    estimate.learn(4000, 1, counted)
    assert estimate.characters_per_token == TokenEstimate().characters_per_token
