"""Our messages and tools in Ollama's notation, and its replies in ours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from basicchat.core.types import Delta, GenerationOptions, Json, Message, ToolCall, ToolSpec, Usage

NANOSECONDS = 1e9


def message_out(message: Message) -> dict[str, Any]:
    """A message as Ollama wants it."""
    out: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        out["tool_calls"] = [
            {"function": {"name": call.name, "arguments": dict(call.arguments)}} for call in message.tool_calls
        ]
    if message.tool_name:
        out["tool_name"] = message.tool_name
    return out


def tool_out(tool: ToolSpec) -> dict[str, Any]:
    """A tool as Ollama and OpenAI want it."""
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def options_out(options: GenerationOptions) -> dict[str, Any]:
    """Sampling options. ``num_ctx`` is always there: a server's own default window cuts prompts silently."""
    out: dict[str, Any] = {"num_ctx": options.window, "temperature": options.temperature}
    if options.max_tokens is not None:
        out["num_predict"] = options.max_tokens
    if options.seed is not None:
        out["seed"] = options.seed
    if options.stop:
        out["stop"] = list(options.stop)
    return out


def alternatives_out(options: GenerationOptions) -> dict[str, Any]:
    """The request for the likeliest tokens, as Ollama and OpenAI want it; empty where nobody asks."""
    return {"logprobs": True, "top_logprobs": options.alternatives} if options.alternatives else {}


def alternatives_in(logprobs: Sequence[Any] | None) -> tuple[tuple[str, float], ...]:
    """The tokens that a piece could have begun with, from what Ollama and OpenAI tell of each of its tokens."""
    first = logprobs[0] if logprobs else {}
    return tuple((each["token"], float(each["logprob"])) for each in first.get("top_logprobs") or ())


def calls_in(calls: Sequence[Any] | None) -> tuple[ToolCall, ...]:
    """Tool calls of a reply, numbered so that results can be told apart."""
    return tuple(
        ToolCall(call.function.name, dict(call.function.arguments), id=f"call_{number}")
        for number, call in enumerate(calls or (), start=1)
    )


def seconds(nanoseconds: int | None) -> float | None:
    """Ollama counts durations in nanoseconds."""
    return None if nanoseconds is None else nanoseconds / NANOSECONDS


def delta_in(chunk: Any) -> Delta:
    """One piece of a chat reply (`ollama.ChatResponse`)."""
    message = chunk.message
    usage = None
    if chunk.done:
        usage = Usage(
            prompt_tokens=chunk.prompt_eval_count,
            completion_tokens=chunk.eval_count,
            prompt_seconds=seconds(chunk.prompt_eval_duration),
            completion_seconds=seconds(chunk.eval_duration),
            load_seconds=seconds(chunk.load_duration),
        )
    calls = calls_in(message.tool_calls)
    reason = "tool_calls" if chunk.done and calls else chunk.done_reason
    return Delta(
        text=message.content or "",
        thinking=message.thinking or "",
        tool_calls=calls,
        done=bool(chunk.done),
        finish_reason=(reason or "stop") if chunk.done else None,
        usage=usage,
        alternatives=alternatives_in(chunk.logprobs),
    )


def prompt_characters(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> int:
    """Characters that a prompt is made of, for estimates of its tokens."""
    texts = [part for message in messages for part in (message.content, *map(str, message.tool_calls))]
    return sum(map(len, texts)) + sum(len(str(tool_out(tool))) for tool in tools)


class TokenEstimate:
    """Guesses the tokens of a prompt from its characters, and learns from what the server counted.

    Starts from 3.3 characters a token, on the careful side of the 4 usual for English prose, and 8 tokens a message
    for the template.
    """

    MESSAGE_TOKENS = 8
    PLAUSIBLE = (1.0, 8.0)

    def __init__(self, characters_per_token: float = 3.3) -> None:
        self.characters_per_token = characters_per_token

    def tokens(self, characters: int, messages: int) -> int:
        """The guess."""
        return math.ceil(characters / self.characters_per_token) + self.MESSAGE_TOKENS * messages

    def learn(self, characters: int, messages: int, counted: int | None) -> None:
        """Take the server's count of a prompt into account. Prompts too short to tell anything are ignored.

        So are counts that would make a token implausibly long: a server that cut the prompt, or counted only what
        its cache did not hold, would spoil the guess.
        """
        if counted is None or characters < 200 or counted <= self.MESSAGE_TOKENS * messages:
            return
        measured = characters / (counted - self.MESSAGE_TOKENS * messages)
        low, high = self.PLAUSIBLE
        if low <= measured <= high and measured < 1.7 * self.characters_per_token:
            self.characters_per_token = 0.5 * self.characters_per_token + 0.5 * measured


def schema_out(schema: Mapping[str, Json] | None) -> dict[str, Any] | None:
    """A JSON Schema as the ``format`` of a request."""
    return None if schema is None else dict(schema)
