"""Values as JSON."""

from __future__ import annotations

import json

import pytest

from basicchat.core.errors import ToolDenied
from basicchat.toolbox.sandbox.values import as_json


def test_values() -> None:
    value = {"a": (1, 2.5), "b": {3}, "c": float("nan"), "d": 2**70, "e": 10**5000, "f": {1: 2}}
    found = as_json(value, limit=1000)
    assert found == {
        "a": [1, 2.5],
        "b": "{3}",
        "c": "nan",
        "d": str(2**70),
        "e": "a number of about 5,000 digits",
        "f": "{1: 2}",
    }
    assert json.dumps(found)


def test_what_holds_itself_ends_somewhere() -> None:
    value: list[object] = []
    value.append(value)
    assert "..." in json.dumps(as_json(value, limit=1000))


def test_too_much_is_refused() -> None:
    with pytest.raises(ToolDenied):
        as_json("x" * 1001, limit=1000)
