"""Finds tool calls in what a small model wrote.

Small models know the tools of their prompt but wrap a call as they like: as ``<tool_call>{...}</tool_call>``, as
fenced JSON, or as bare JSON. A call counts only if it names a tool that was offered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_OPENERS = ("<tool_call>", "```")
_WRAPPED = re.compile(
    r"<tool_call>\s*(?P<tag>.*?)\s*(?:</tool_call>|\Z)|```(?:json|tool_call|tool_code)?\s*(?P<fence>.*?)\s*(?:```|\Z)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool and its arguments."""

    name: str
    arguments: dict[str, Any]


class ToolCallFilter:
    """Lets plain text through as it streams and holds back what may become a tool call."""

    def __init__(self, tools: Iterable[str]) -> None:
        self._tools = frozenset(tools)
        self._held = ""
        self._spoken = False

    def feed(self, text: str) -> str:
        """Take the next piece; give back what is certainly plain text."""
        if not self._tools:
            return text
        self._held += text
        start = self._first_doubt()
        plain, self._held = self._held[:start], self._held[start:]
        self._spoken = self._spoken or bool(plain.strip())
        return plain

    def finish(self) -> tuple[str, list[Call]]:
        """The reply is over: what was held back, as text and as calls."""
        held, self._held = self._held, ""
        return read_calls(held, self._tools)

    def _first_doubt(self) -> int:
        """Where text begins that may belong to a call."""
        if not self._spoken and self._held.lstrip()[:1] in {"", "{", "["}:
            return 0
        found = [at for opener in _OPENERS if (at := self._held.find(opener)) >= 0]
        if found:
            return min(found)
        for length in range(min(len(self._held), max(map(len, _OPENERS)) - 1), 0, -1):
            if any(opener.startswith(self._held[-length:]) for opener in _OPENERS):
                return len(self._held) - length
        return len(self._held)


def read_calls(text: str, tools: Iterable[str]) -> tuple[str, list[Call]]:
    """Split a text into what is not a tool call and the calls in it. Without any call the text comes back as it was."""
    offered = frozenset(tools)
    calls: list[Call] = []
    rest: list[str] = []
    end = 0
    for match in _WRAPPED.finditer(text):
        found = _parse(match["tag"] or match["fence"] or "", offered)
        if found:
            calls += found
            rest.append(text[end : match.start()])
            end = match.end()
    rest.append(text[end:])
    if not calls:
        calls = _parse(text.strip(), offered)
        rest = []
    return (text, []) if not calls else ("".join(rest).strip(), calls)


def _parse(text: str, offered: frozenset[str]) -> list[Call]:
    try:
        value = json.loads(text)
    except ValueError:
        return [call for line in text.splitlines() for call in _parse_line(line, offered)]
    return _calls(value, offered)


def _parse_line(line: str, offered: frozenset[str]) -> list[Call]:
    try:
        return _calls(json.loads(line), offered)
    except ValueError:
        return []


def _calls(value: Any, offered: frozenset[str]) -> list[Call]:
    """Calls in parsed JSON: one object, a list of them, or OpenAI's ``{"tool_calls": [...]}``."""
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    items = value if isinstance(value, list) else [value]
    found = [_call(item, offered) for item in items]
    return [call for call in found if call is not None] if all(found) else []


def _call(item: Any, offered: frozenset[str]) -> Call | None:
    if not isinstance(item, dict):
        return None
    item = item["function"] if isinstance(item.get("function"), dict) else item
    name = item.get("name", item.get("tool"))
    arguments = item.get("arguments", item.get("parameters", {}))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError:
            return None
    if name not in offered or not isinstance(arguments, dict):
        return None
    return Call(str(name), arguments)
