"""Values of sandboxed code as JSON, within a size."""

from __future__ import annotations

import json
import math
from typing import Any

from basicchat.core.errors import ToolDenied
from basicchat.core.types import Json

MOST_DEPTH = 20


def as_json(value: Any, *, limit: int) -> Json:
    """A value as JSON; what has no JSON form is its `repr`. Raises `ToolDenied` for one longer than ``limit`` bytes."""
    found = _plain(value, 0)
    if len(json.dumps(found, ensure_ascii=True)) > limit:
        raise ToolDenied(f"The code gave back more than {limit:,} bytes.", hint="Let it give back less.")
    return found


def _plain(value: Any, depth: int) -> Json:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else _shown(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if depth >= MOST_DEPTH:
        return "..."
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, depth + 1) for each in value]
    return _shown(value)


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # a number with more digits than Python writes down
        return f"a number of about {int(value.bit_length() * math.log10(2)):,} digits"
