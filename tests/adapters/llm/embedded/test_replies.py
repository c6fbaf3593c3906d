"""Chunks of llama.cpp become pieces."""

from __future__ import annotations

from basicchat.adapters.llm.embedded.notation import Piece, chat_out
from basicchat.adapters.llm.embedded.replies import Reply
from basicchat.adapters.llm.embedded.tool_calls import Call


def delta(**parts):
    return {"choices": [{"delta": parts, "finish_reason": None}]}


def take(reply, *chunks):
    return [piece for chunk in chunks for piece in reply.take(chunk)]


def test_text_and_thinking():
    pieces = take(Reply(()), delta(role="assistant", content=None), delta(reasoning_content="Hm"), delta(content="Hi"))
    assert pieces == [Piece(thinking="Hm"), Piece(text="Hi")]


def test_what_else_it_could_have_said():
    told = {"token": "Yes", "logprob": -0.1, "top_logprobs": [{"token": "Yes", "logprob": -0.1}]}
    chunk = {"choices": [{"delta": {"content": "Yes"}, "logprobs": {"content": [told]}}]}
    (piece,) = take(Reply(()), chunk)
    assert piece == Piece(text="Yes", logprobs=(told,))
    assert chat_out("m", piece)["logprobs"] == [told]
    assert "logprobs" not in chat_out("m", Piece(text="Yes"))


def test_native_calls_are_put_together():
    reply = Reply(["add"])
    pieces = take(
        reply,
        delta(tool_calls=[{"index": 0, "id": "x", "function": {"name": "add", "arguments": ""}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": '{"a"'}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
    )
    assert pieces == []
    assert list(reply.rest()) == [Piece(calls=(Call("add", {"a": 1}),))]


def test_a_call_cut_by_the_limit_is_no_call():
    reply = Reply(["add"])
    take(reply, delta(tool_calls=[{"index": 0, "function": {"name": "add", "arguments": '{"a'}}]))
    take(reply, {"choices": [{"delta": {}, "finish_reason": "length"}]})
    assert list(reply.rest()) == []
    assert reply.end(load_seconds=0, total_nanoseconds=1).reason == "length"


def test_the_end_carries_the_measures():
    reply = Reply(())
    usage = {"prompt_tokens": 30, "completion_tokens": 5}
    take(reply, {"choices": [], "usage": usage, "timings": {"prompt_ms": 2.0, "predicted_ms": 3.5}})
    end = reply.end(load_seconds=0.5, total_nanoseconds=9)
    assert (end.prompt_tokens, end.completion_tokens) == (30, 5)
    assert (end.prompt_nanoseconds, end.completion_nanoseconds) == (2_000_000, 3_500_000)
    assert end.load_nanoseconds == 500_000_000
