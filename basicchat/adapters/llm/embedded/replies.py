"""Turns the chunks of a llama.cpp reply into pieces of an Ollama reply."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from basicchat.adapters.llm.embedded.notation import End, Piece
from basicchat.adapters.llm.embedded.tool_calls import Call, ToolCallFilter

_MILLI = 1_000_000  # nanoseconds in a millisecond


class Reply:
    """One reply while it arrives. Tool calls come whole, at the end, whichever way the model wrote them."""

    def __init__(self, tools: Iterable[str]) -> None:
        self._filter = ToolCallFilter(tools)
        self._native: dict[int, list[str]] = {}
        self._reason = "stop"
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}

    def take(self, chunk: dict[str, Any]) -> Iterator[Piece]:
        """Pieces that are certain after this chunk."""
        self._usage = chunk.get("usage") or self._usage
        self._timings = chunk.get("timings") or self._timings
        for choice in chunk.get("choices") or ():
            self._reason = choice.get("finish_reason") or self._reason
            delta = choice.get("delta") or {"content": choice.get("text")}
            for part in delta.get("tool_calls") or ():
                self._take_call(part)
            if delta.get("reasoning_content"):
                yield Piece(thinking=delta["reasoning_content"], reused=self._reused)
            text = self._filter.feed(delta.get("content") or "")
            told = tuple((choice.get("logprobs") or {}).get("content") or ())
            if text or told:
                yield Piece(text=text, logprobs=told, reused=self._reused)

    @property
    def _reused(self) -> int:
        return int(self._timings.get("cache_n", 0))

    def _take_call(self, part: dict[str, Any]) -> None:
        function = part.get("function") or {}
        held = self._native.setdefault(int(part.get("index") or 0), ["", ""])
        held[0] += function.get("name") or ""
        held[1] += function.get("arguments") or ""

    def rest(self) -> Iterator[Piece]:
        """What was held back until the reply was whole."""
        text, calls = self._filter.finish()
        calls = [*self._native_calls(), *calls]
        if text:
            yield Piece(text=text, reused=self._reused)
        if calls:
            yield Piece(calls=tuple(calls), reused=self._reused)

    def _native_calls(self) -> Iterator[Call]:
        for name, arguments in self._native.values():
            try:
                value = json.loads(arguments or "{}")
            except ValueError:
                continue  # the reply was cut inside the call; the reason "length" says so
            if isinstance(value, dict):
                yield Call(name, value)

    def end(self, *, load_seconds: float, total_nanoseconds: int) -> End:
        """The last line. Every token of the prompt counts, also those that were still in the cache."""
        return End(
            reason="length" if self._reason == "length" else "stop",
            prompt_tokens=int(self._usage.get("prompt_tokens", 0)),
            completion_tokens=int(self._usage.get("completion_tokens", 0)),
            prompt_nanoseconds=int(float(self._timings.get("prompt_ms", 0)) * _MILLI),
            completion_nanoseconds=int(float(self._timings.get("predicted_ms", 0)) * _MILLI),
            load_nanoseconds=int(load_seconds * 1e9),
            total_nanoseconds=total_nanoseconds,
            reused=self._reused,
        )
