"""Frozen values to JSON and back, by their type hints. What `to_json` writes, `from_json` reads into an equal value."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from basicchat.core.types import Json

T = TypeVar("T")


def to_json(value: Any) -> Json:
    """The JSON form of a dataclass, enum, path, mapping, sequence, set or plain value.

    Raises `TypeError` for anything else.
    """
    if isinstance(value, Enum):
        return cast(Json, value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_json(item) for name, item in value.items()}
    if isinstance(value, Set):
        return sorted((to_json(item) for item in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def from_json(kind: type[T], data: Json) -> T:
    """The value of type ``kind`` that ``data`` stands for. Unknown keys are ignored, so newer writers can be read.

    Raises `TypeError` or `ValueError` where the data does not fit.
    """
    return cast(T, _decode(kind, data))


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if kind is Any or (origin in (Union, types.UnionType) and _is_json(kind)):
        return data
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), data)
    if origin is Literal:
        if data not in get_args(kind):
            raise ValueError(f"{data!r} is none of {get_args(kind)}")
        return data
    if origin is not None:
        return _decode_container(origin, get_args(kind), data)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(cast(type, kind), data)
    return _decode_plain(kind, data)


def _is_json(kind: Any) -> bool:
    """Whether this is `Json`; told by its parts, because resolving hints unfolds its recursion one level."""
    parts = {get_origin(part) or part for part in get_args(kind)}
    return {bool, int, float, str, list, dict} <= parts


def _decode_union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in options:
        return None
    rest = [option for option in options if option is not type(None)]
    for option in rest:
        try:
            return _decode(option, data)
        except (TypeError, ValueError):
            continue
    raise ValueError(f"{data!r} is none of {rest}")


def _decode_container(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise TypeError(f"wanted an object, got {data!r}")
        return {name: _decode(arguments[1], item) for name, item in data.items()}
    if not isinstance(data, list | tuple):
        raise TypeError(f"wanted a list, got {data!r}")
    items = [_decode(arguments[0], item) for item in data]
    if isinstance(origin, type) and issubclass(origin, Set):
        return frozenset(items)
    return items if origin is list else tuple(items)


def _decode_dataclass(kind: type, data: Any) -> Any:
    if not isinstance(data, Mapping):
        raise TypeError(f"wanted an object for {kind.__name__}, got {data!r}")
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], item) for name, item in data.items() if name in hints})


def _decode_plain(kind: Any, data: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum | Path):
        return kind(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if kind is int and isinstance(data, bool):
        raise TypeError(f"wanted a number, got {data!r}")
    if isinstance(kind, type) and isinstance(data, kind):
        return data
    if kind is type(None) and data is None:
        return None
    raise TypeError(f"wanted {kind!r}, got {data!r}")
