"""Chat models of any server with OpenAI's ``/chat/completions``: llama.cpp, vLLM, LM Studio, hosted providers."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import httpx

from basicchat.adapters.llm.connection import Endpoint, OllamaOptions, StreamConnection
from basicchat.adapters.llm.failures import from_status
from basicchat.adapters.llm.reply import ReplyStream
from basicchat.adapters.llm.wire import (
    TokenEstimate,
    alternatives_in,
    alternatives_out,
    prompt_characters,
    tool_out,
)
from basicchat.core.types import (
    Delta,
    GenerationOptions,
    Json,
    Message,
    ModelInfo,
    TokenCount,
    ToolCall,
    ToolSpec,
    Usage,
)


class OpenAICompatibleModel:
    """One model of one server. ``url`` is the base that ends in ``/v1``; ``context_window`` is in tokens.

    The protocol has no way to ask for the window or to count tokens, so the one is told and the other estimated.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        context_window: int,
        api_key: str = "",
        provider: str = "openai-compatible",
        options: OllamaOptions | None = None,
    ) -> None:
        self.name = name
        self._endpoint = Endpoint(url.rstrip("/"), api_key)
        self._provider = provider
        self._window = context_window
        # Some servers send their headers at once and think afterwards, so both patiences are the same.
        self._options = options or OllamaOptions(connect_seconds=10.0, first_token_seconds=120.0, idle_seconds=120.0)
        self._estimate = TokenEstimate()

    def info(self) -> ModelInfo:
        """As it was told."""
        return ModelInfo(self.name, self._provider, self._window, capabilities=frozenset({"completion", "tools"}))

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """An estimate, made better by every reply."""
        return TokenCount(self._estimate.tokens(prompt_characters(messages), len(messages)), exact=False)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> ReplyStream:
        """Generate. Closing the iterator hangs up, which stops servers that notice."""
        request = _request(self.name, messages, options, tools, schema)
        size = prompt_characters(messages, tools), len(messages)
        return ReplyStream(
            lambda: StreamConnection(self._endpoint, self._options),
            lambda connection: self._read(connection, request, size),
            provider=self._provider,
            model=self.name,
        )

    def _read(self, connection: StreamConnection, request: dict[str, Any], size: tuple[int, int]) -> Generator[Delta]:
        with connection.plain.stream("POST", "/chat/completions", json=request) as response:
            if response.is_error:
                response.read()
                raise from_status(response.status_code, _said(response), provider=self._provider, model=self.name)
            reply = _Reply()
            for data in _events(response):
                if data == "[DONE]":
                    break
                yield from reply.take(json.loads(data))
            if reply.reason is None:
                return
            last = reply.last()
            if last.usage is not None:
                self._estimate.learn(*size, last.usage.prompt_tokens)
            yield last


def _request(
    name: str,
    messages: Sequence[Message],
    options: GenerationOptions,
    tools: Sequence[ToolSpec],
    schema: Mapping[str, Json] | None,
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": name,
        "messages": list(_messages(messages)),
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
        "seed": options.seed,
        "stop": list(options.stop) or None,
        "tools": [tool_out(tool) for tool in tools] or None,
        "stream": True,
        "stream_options": {"include_usage": True},
        **alternatives_out(options),
    }
    if schema is not None:
        named = {"name": "reply", "strict": True, "schema": dict(schema)}
        request["response_format"] = {"type": "json_schema", "json_schema": named}
    return {key: value for key, value in request.items() if value is not None}


def _messages(messages: Sequence[Message]) -> Iterable[dict[str, Any]]:
    """Messages with ids on tool calls; results are matched to calls by the tool's name, in order."""
    waiting: list[tuple[str, str]] = []
    for number, message in enumerate(messages):
        out: dict[str, Any] = {"role": message.role, "content": message.content}
        calls = [(call.id or f"call_{number}_{at}", call) for at, call in enumerate(message.tool_calls)]
        if calls:
            out["tool_calls"] = [_call_out(call_id, call) for call_id, call in calls]
            waiting += [(call.name, call_id) for call_id, call in calls]
        if message.role == "tool":
            found = next((pair for pair in waiting if pair[0] == message.tool_name), ("", "call_0"))
            waiting = [pair for pair in waiting if pair != found]
            out["tool_call_id"] = found[1]
        yield out


def _call_out(call_id: str, call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments))}
    return {"id": call_id, "type": "function", "function": function}


def _events(response: httpx.Response) -> Iterable[str]:
    """Data of server-sent events, one line each as these servers write them."""
    for line in response.iter_lines():
        if line.startswith("data:"):
            yield line[5:].strip()


def _said(response: httpx.Response) -> str:
    """What the server says went wrong."""
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.text[:500]
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


class _Reply:
    """Collects what comes in parts: tool calls, the reason to stop, usage."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._usage: Usage | None = None
        self._calls: dict[int, dict[str, str]] = {}

    def take(self, chunk: dict[str, Any]) -> Iterable[Delta]:
        if chunk.get("error"):
            raise ValueError(f"the server reports {chunk['error']}")
        usage = chunk.get("usage")
        if usage:
            self._usage = Usage(usage.get("prompt_tokens"), usage.get("completion_tokens"))
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            for part in delta.get("tool_calls") or ():
                self._take_call(part)
            self.reason = choice.get("finish_reason") or self.reason
            text, thinking = delta.get("content") or "", delta.get("reasoning_content") or ""
            if text or thinking:
                told = (choice.get("logprobs") or {}).get("content")
                yield Delta(text=text, thinking=thinking, alternatives=alternatives_in(told))

    def _take_call(self, part: dict[str, Any]) -> None:
        held = self._calls.setdefault(int(part.get("index") or 0), {"id": "", "name": "", "arguments": ""})
        function = part.get("function") or {}
        held["id"] = part.get("id") or held["id"]
        held["name"] += function.get("name") or ""
        held["arguments"] += function.get("arguments") or ""

    def last(self) -> Delta:
        calls = tuple(
            ToolCall(held["name"], json.loads(held["arguments"] or "{}"), id=held["id"] or f"call_{at + 1}")
            for at, held in sorted(self._calls.items())
        )
        return Delta(tool_calls=calls, done=True, finish_reason=self.reason, usage=self._usage or Usage())
