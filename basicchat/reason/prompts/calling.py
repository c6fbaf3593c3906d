"""The prompts of a call: which tool, whether it does what is asked, and its arguments.

Each begins with the same words for every request, so that a server reads them once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from basicchat.core.types import Json, Message, ToolSpec
from basicchat.reason.prompts import direct

VERSION = "calling-1"

MOST_DESCRIPTION = 300  # characters of what a tool or an argument says of itself

SYSTEM = """You match requests with tools. Reply in the form that is asked for, with nothing else.
- A tool fits only if it does the very thing that is asked for. A tool for something else does not fit.
- Take the values of arguments from the request. Leave out what the request does not say."""

_FITS = "Does the tool do the very thing that is asked for? Reply with one word, yes or no."
_ARGUMENTS = "The arguments as JSON:"


def choosing(request: str, tools: Sequence[ToolSpec]) -> tuple[Message, ...]:
    """Which of several tools: a reply is one name as JSON, ``{"tool": "..."}``."""
    listed = "\n".join(line(tool) for tool in tools)
    return (Message("system", SYSTEM), Message("user", f"{listed}\n{_asked(request)}\nThe name of the tool as JSON:"))


def fitting(request: str, tool: ToolSpec) -> tuple[Message, ...]:
    """Whether a tool does what is asked: the reply is yes or no. One example of each comes before."""
    shown = (
        (_RECIPES, "What is the boiling point of water on Mount Everest?", "no"),
        (_RECIPES, "I have leeks and eggs. What could I cook for two?", "yes"),
    )
    messages = [Message("system", SYSTEM)]
    for example, asked, reply in shown:
        messages += [Message("user", _whether(asked, example)), Message("assistant", reply)]
    return (*messages, Message("user", _whether(request, tool)))


def arguments(request: str, tool: ToolSpec) -> tuple[Message, ...]:
    """The arguments of a tool: the reply is a JSON object. One example comes before, of a tool that is no real one."""
    asked = "I have leeks and eggs. What could I cook for two?"
    return (
        Message("system", SYSTEM),
        Message("user", _wanted(asked, _RECIPES)),
        Message("assistant", _json({"ingredients": ["leeks", "eggs"], "persons": 2})),
        Message("user", _wanted(request, tool)),
    )


def choice_schema(tools: Sequence[ToolSpec]) -> dict[str, Json]:
    """The schema of a choice among tools."""
    return {
        "type": "object",
        "properties": {"tool": {"enum": [tool.name for tool in tools]}},
        "required": ["tool"],
        "additionalProperties": False,
    }


def line(tool: ToolSpec) -> str:
    """A tool on one line: name, names of its arguments, what it says of itself."""
    properties = tool.parameters.get("properties")
    names = ", ".join(properties) if isinstance(properties, dict) else ""
    return f"- {tool.name}({names}): {_short(tool.description)}"


def _whether(request: str, tool: ToolSpec) -> str:
    return f"{line(tool)}\n{_asked(request)}\n{_FITS}"


def _wanted(request: str, tool: ToolSpec) -> str:
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    lines = [
        f"  {name} ({_kind(each)}{_optional(name in needed)}): {_short(str(each.get('description') or ''))}"
        for name, each in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(each, dict)
    ]
    return "\n".join([line(tool), *lines, _asked(request), _ARGUMENTS])


def _optional(needed: bool) -> str:
    return "" if needed else ", optional"


def _kind(schema: Mapping[str, Json]) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return "one of " + ", ".join(str(choice) for choice in choices[:12])
    items = schema.get("items")
    inner = f" of {items.get('type')}" if isinstance(items, dict) and items.get("type") else ""
    return f"{schema.get('type') or 'any'}{inner}"


def _asked(request: str) -> str:
    return f"Request: {direct.defused(' '.join(request.split()))}"


def _json(value: Mapping[str, Json]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)


def _short(text: str) -> str:
    text = direct.quoted(" ".join(text.split()))
    return text if len(text) <= MOST_DESCRIPTION else f"{text[: MOST_DESCRIPTION - 1]}…"


_RECIPES = ToolSpec(
    "find_recipe",
    "Find recipes by what is in the kitchen.",
    {
        "type": "object",
        "properties": {
            "ingredients": {"type": "array", "items": {"type": "string"}, "description": "What there is"},
            "persons": {"type": "integer", "description": "For how many"},
            "diet": {"type": "string", "description": "Such as vegan. Default is any."},
        },
        "required": ["ingredients"],
    },
)
"""The tool of the examples."""
