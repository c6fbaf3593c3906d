"""Whether the arguments of a call are among those that BFCL accepts, by the rules of its own checker."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from basicchat.core.types import Json

_UNHEARD = re.compile(r"[ ,./\-_*^]")


def accepted(given: Mapping[str, Json], wanted: Mapping[str, Sequence[Json]]) -> bool:
    """Every argument that is given has an accepted value, and every other one may be left out: "" is among its own."""
    if any(name not in wanted or not _among(value, wanted[name]) for name, value in given.items()):
        return False
    return all("" in values for name, values in wanted.items() if name not in given)


def _among(value: Json, values: Sequence[Json]) -> bool:
    return any(_same(value, each) for each in values)


def _same(value: Json, wanted: Json) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, str) and isinstance(wanted, str):
        return _heard(value) == _heard(wanted)
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    if isinstance(value, dict) and isinstance(wanted, dict):
        lists = {name: each if isinstance(each, list) else [each] for name, each in wanted.items()}
        return accepted(value, lists)
    return value == wanted


def _heard(text: str) -> str:
    return _UNHEARD.sub("", text).lower().replace("'", '"')
