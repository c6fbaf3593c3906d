"""What a tool declares badly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from basicchat.core.tools import ToolInfo
from basicchat.testing.tools import RecordingTool
from basicchat.toolbox.check import faults

GOOD = ToolInfo(
    "good", "Does what it says.", {"type": "object", "properties": {"what": {"type": "string", "description": "It."}}}
)


def test_a_good_one_has_none() -> None:
    assert faults(RecordingTool(replace(GOOD, examples=({"what": "x"},)))) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": "Bad Name"}, "name"),
        ({"description": "short"}, "description"),
        ({"description": "x" * 401}, "400"),
        ({"permissions": frozenset({"fly"})}, "fly"),
        ({"cost": "free"}, "cost"),
        ({"version": ""}, "version"),
        ({"parameters": {"type": "string"}}, "schema"),
        ({"parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}, "what"),
        ({"examples": ({"who": "x"},)}, "example"),
    ],
)
def test_everything_bad_is_named(change: dict[str, object], word: str) -> None:
    (told,) = faults(RecordingTool(replace(GOOD, **change)))
    assert word in told
