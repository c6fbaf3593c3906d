"""Ollama's notation on the outside, llama.cpp's on the inside, as pure functions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from basicchat.adapters.llm.embedded.gguf import ModelFile
from basicchat.adapters.llm.embedded.tool_calls import Call

_SAME = ("temperature", "top_k", "top_p", "min_p", "seed", "stop", "repeat_penalty", "repeat_last_n")
_ALSO_SAME = ("presence_penalty", "frequency_penalty", "typical_p")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DEFAULT_KEEP_ALIVE = 300.0


class BadRequest(ValueError):
    """The request does not make sense; the text says why."""


def keep_alive_seconds(value: Any) -> float:
    """Ollama's ``keep_alive`` in seconds: a number, or a text such as ``5m`` or ``1h30m``. Negative is for ever."""
    if value is None:
        return DEFAULT_KEEP_ALIVE
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    sign = -1.0 if text.startswith("-") else 1.0
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
    if parts and "".join(number + unit for number, unit in parts) == text.lstrip("-+"):
        return sign * sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        return float(text)
    except ValueError as error:
        raise BadRequest(f'time: invalid duration "{text}"') from error


def sampling(options: dict[str, Any]) -> dict[str, Any]:
    """Sampling options for llama.cpp."""
    out = {name: options[name] for name in (*_SAME, *_ALSO_SAME) if options.get(name) is not None}
    limit = options.get("num_predict")
    if isinstance(limit, int) and limit > 0:
        out["max_tokens"] = limit
    return out


def response_format(wanted: Any) -> dict[str, Any]:
    """``format`` for llama.cpp: nothing, any JSON object, or a JSON Schema."""
    if not wanted:
        return {}
    if wanted == "json":
        return {"response_format": {"type": "json_object"}}
    if isinstance(wanted, dict):
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": wanted}}}
    raise BadRequest(f"invalid format: {wanted!r}; expected 'json' or a JSON schema")


def messages_in(messages: Any) -> list[dict[str, Any]]:
    """Messages for llama.cpp, which wants ids on tool calls and arguments as text."""
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise BadRequest("messages must be a list of objects")
    out: list[dict[str, Any]] = []
    waiting: list[tuple[str, str]] = []
    for number, message in enumerate(messages):
        item: dict[str, Any] = {"role": message.get("role"), "content": message.get("content") or ""}
        calls = message.get("tool_calls") or []
        if calls:
            item["tool_calls"] = [_call_in(call, f"call_{number}_{at}") for at, call in enumerate(calls)]
            waiting += [(call["id"], call["function"]["name"]) for call in item["tool_calls"]]
        if message.get("role") == "tool":
            name = message.get("tool_name") or message.get("name") or ""
            found = next((pair for pair in waiting if pair[1] == name), waiting[0] if waiting else ("call_0", name))
            if found in waiting:
                waiting.remove(found)
            item |= {"tool_call_id": found[0], "name": name or found[1]}
        out.append(item)
    return out


def _call_in(call: Any, call_id: str) -> dict[str, Any]:
    try:
        function = call["function"]
        arguments = json.dumps(function.get("arguments") or {})
        return {"id": call_id, "type": "function", "function": {"name": function["name"], "arguments": arguments}}
    except (KeyError, TypeError, AttributeError) as error:
        raise BadRequest("a tool call needs a function with a name and arguments") from error


def tool_names(tools: Any) -> list[str]:
    """Names of the offered tools."""
    try:
        return [str(tool["function"]["name"]) for tool in tools or ()]
    except (KeyError, TypeError) as error:
        raise BadRequest("a tool needs a function with a name") from error


@dataclass(frozen=True, slots=True)
class Piece:
    """Something the model said. ``logprobs`` tell of each token, in the notation that Ollama took from OpenAI.

    ``reused`` tokens of the prompt had been read for an earlier call.
    """

    text: str = ""
    thinking: str = ""
    calls: tuple[Call, ...] = ()
    logprobs: tuple[dict[str, Any], ...] = ()
    reused: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """The reply is over. Durations in nanoseconds, as Ollama gives them."""

    reason: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_nanoseconds: int = 0
    completion_nanoseconds: int = 0
    load_nanoseconds: int = 0
    total_nanoseconds: int = 0
    reused: int = 0


def now() -> str:
    """The time as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def chat_out(model: str, event: Piece | End) -> dict[str, Any]:
    """One line of ``/api/chat``."""
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    if isinstance(event, Piece):
        message["content"] = event.text
        if event.thinking:
            message["thinking"] = event.thinking
        if event.calls:
            message["tool_calls"] = [
                {"function": {"name": call.name, "arguments": call.arguments}} for call in event.calls
            ]
    told = {"logprobs": list(event.logprobs)} if isinstance(event, Piece) and event.logprobs else {}
    return {"model": model, "created_at": now(), "message": message, **told, **_done(event)}


def generate_out(model: str, event: Piece | End) -> dict[str, Any]:
    """One line of ``/api/generate``."""
    text = event.text if isinstance(event, Piece) else ""
    return {"model": model, "created_at": now(), "response": text, **_done(event)}


def _done(event: Piece | End) -> dict[str, Any]:
    if isinstance(event, Piece):
        return {"done": False}
    return {
        "done": True,
        "done_reason": event.reason,
        "total_duration": event.total_nanoseconds,
        "load_duration": event.load_nanoseconds,
        "prompt_eval_count": event.prompt_tokens,
        "prompt_eval_duration": event.prompt_nanoseconds,
        "eval_count": event.completion_tokens,
        "eval_duration": event.completion_nanoseconds,
    }


def details_out(file: ModelFile) -> dict[str, Any]:
    """The ``details`` of a model."""
    return {
        "parent_model": "",
        "format": "gguf",
        "family": file.architecture,
        "families": [file.architecture],
        "parameter_size": str(file.metadata.get("general.size_label", "")),
        "quantization_level": "",
    }


def tag_out(name: str, file: ModelFile) -> dict[str, Any]:
    """One model of ``/api/tags``."""
    changed = datetime.fromtimestamp(file.modified, UTC).isoformat().replace("+00:00", "Z")
    common = {"name": name, "model": name, "digest": file.digest, "size": file.size, "details": details_out(file)}
    return {**common, "modified_at": changed}
