"""Tools from functions."""

from __future__ import annotations

from typing import Annotated

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Rows, Text, Toolkit, ToolResult
from basicchat.testing.tools import toolkit
from basicchat.toolbox.function import result_of, tool


@tool(permissions=["read"], cost="seconds", version="3", tainted=True, examples=[{"text": "x"}])
def shout(toolkit: Toolkit, text: Annotated[str, "What to shout."], times: int = 1) -> str:
    """Shouts
    a text."""
    return f"{toolkit.now():%Y} {text.upper() * times}"


def test_what_it_declares() -> None:
    info = shout.info
    assert (info.name, info.description, info.version, info.cost) == ("shout", "Shouts a text.", "3", "seconds")
    assert (info.permissions, info.tainted, info.examples) == (frozenset({"read"}), True, ({"text": "x"},))
    assert info.spec.parameters["required"] == ["text"]
    assert "toolkit" not in info.spec.parameters["properties"]


def test_it_runs_with_what_it_is_given() -> None:
    assert shout.run({"text": "a", "times": 2}, toolkit()).parts == (Text("2026 AA"),)
    with pytest.raises(InvalidInput):
        shout.check({})
    with pytest.raises(InvalidInput):
        shout.run({"text": "a", "toolkit": None}, toolkit())


def test_whatever_comes_back_becomes_a_result() -> None:
    rows, whole = Rows(("a",), ((1,),)), ToolResult(())
    assert result_of("x").parts == (Text("x"),)
    assert result_of(rows).parts == (rows,)
    assert result_of([Text("x"), rows]).parts == (Text("x"), rows)
    assert result_of(whole) is whole
    for odd in (3, None, {"a": 1}, ["x"]):
        with pytest.raises(TypeError):
            result_of(odd)  # type: ignore[arg-type]
