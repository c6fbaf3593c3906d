"""Schemas from signatures, and arguments that fit them."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Toolkit
from basicchat.toolbox.schema import arguments_of, checked, parameters_of, toolkit_name


def mix(
    title: Annotated[str, "What to call it."],
    toolkit: Toolkit,
    count: Annotated[int, "How many."] = 3,
    kind: Literal["round", "square"] = "round",
    names: list[str] | None = None,
) -> str:
    return title


def test_the_schema_of_a_signature() -> None:
    schema = parameters_of(arguments_of(mix))
    assert schema["type"] == "object"
    assert schema["required"] == ["title"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["title"] == {"type": "string", "description": "What to call it."}
    assert schema["properties"]["count"] == {"type": "integer", "description": "How many.", "default": 3}
    assert schema["properties"]["kind"]["enum"] == ["round", "square"]
    assert toolkit_name(mix) == "toolkit"


def test_arguments_are_filled_in_and_made_to_fit() -> None:
    found = checked(arguments_of(mix), {"title": "x", "count": "4"}, tool="mix")
    assert found == {"title": "x", "count": 4, "kind": "round", "names": None}


def test_every_argument_that_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(arguments_of(mix), {"count": "many", "kind": "oval", "colour": "red"}, tool="mix")
    for word in ("mix", "title", "count", "kind", "colour"):
        assert word in str(caught.value)
    assert "title, count, kind, names" in caught.value.hint


def test_a_text_that_is_far_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="longer than"):
        checked(arguments_of(mix), {"title": "x" * 200_001}, tool="mix")


def test_a_parameter_without_a_type_is_no_tool() -> None:
    def untyped(what) -> str:
        return what

    def many(*all: str) -> str:
        return ""

    for function in (untyped, many):
        with pytest.raises(TypeError, match="needs a type"):
            arguments_of(function)
