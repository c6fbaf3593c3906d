"""What is wrong with how a tool declares itself: for those who write one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from basicchat.core.errors import BasicChatError
from basicchat.core.tools import Cost, Permission, Tool
from basicchat.core.types import Json
from basicchat.toolbox.registry import NAME

MOST_DESCRIPTION = 400
"""Characters: every tool's description is in the prompt of every question that may use it."""


def faults(tool: Tool) -> list[str]:
    """Sentences about what a tool declares badly, none for a good one."""
    info = tool.info
    told = []
    if not NAME.fullmatch(info.name):
        told.append(f"The name {info.name!r} is not made of small letters, digits and _.")
    if not 10 <= len(info.description) <= MOST_DESCRIPTION:
        told.append(f"The description should have 10 to {MOST_DESCRIPTION} characters: it has {len(info.description)}.")
    if odd := info.permissions - set(get_args(Permission)):
        told.append(f"There are no permissions {', '.join(sorted(odd))}.")
    if info.cost not in get_args(Cost):
        told.append(f"There is no cost {info.cost}.")
    if not info.version:
        told.append("It has no version.")
    told += _schema_faults(info.parameters)
    for arguments in info.examples:
        try:
            tool.check(arguments)
        except BasicChatError as error:
            told.append(f"The example {dict(arguments)} does not fit: {error}")
    return told


def _schema_faults(schema: Mapping[str, Json]) -> list[str]:
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, dict):
        return ["The schema is not that of an object with properties."]
    bare = [name for name, each in properties.items() if not isinstance(each, dict) or not each.get("description")]
    return [f"The argument {name} has no description." for name in bare]
