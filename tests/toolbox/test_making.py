"""Tools from a form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.errors import BasicChatError, Conflict, InvalidInput, ToolDenied
from basicchat.core.tools import Rows, ToolInfo
from basicchat.core.types import Json
from basicchat.testing.tools import RecordingTool, toolkit
from basicchat.toolbox import Budget, Registry, Toolbox, text_of
from basicchat.toolbox.making import Draft, Kind, Parameter, save, source_of, tool_of, value_of
from basicchat.toolbox.sandbox import MontySandbox

DRAFT = Draft(
    "word_count",
    "Counts the words of a text, so many times.",
    (Parameter("text", "text", "A text."), Parameter("times", "whole number", "How often.")),
    "len(text.split()) * times",
)


@pytest.fixture
def box(tmp_path: Path) -> Toolbox:
    return Toolbox(
        Registry(own=tmp_path / "tools"), toolkit=lambda: toolkit(sandbox=MontySandbox()), budget=Budget(seconds=5)
    )


def test_it_is_tried_saved_and_used_without_a_restart(box: Toolbox, tmp_path: Path) -> None:
    assert box.names() == ()
    assert text_of(box.trial(tool_of(DRAFT), {"text": "a b c", "times": 2})) == "6"
    assert box.names() == ()
    save(DRAFT, tmp_path / "tools")
    assert text_of(box.call("word_count", {"text": "a b c", "times": 2})) == "6"
    with pytest.raises(InvalidInput, match="times"):
        box.call("word_count", {"text": "a"})
    with pytest.raises(Conflict):
        save(DRAFT, tmp_path / "tools")


def test_a_table_comes_back_as_one(box: Toolbox) -> None:
    code = "[{'word': each, 'length': len(each)} for each in text.split()]"
    draft = replace(DRAFT, parameters=DRAFT.parameters[:1], code=code)
    assert box.trial(tool_of(draft), {"text": "an oak"}).parts == (Rows(("word", "length"), (("an", 2), ("oak", 3))),)


@pytest.mark.parametrize(
    "code", ["open('/etc/passwd').read()", "import os\nos.system('id')", "1 / 0", "while True: pass"]
)
def test_its_code_stays_in_the_sandbox(box: Toolbox, code: str) -> None:
    with pytest.raises(BasicChatError):
        box.trial(tool_of(replace(DRAFT, code=code)), {"text": "x", "times": 1})


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Word Count"},
        {"name": "class"},
        {"name": "../evil"},
        {"name": "toolkit"},
        {"description": "short"},
        {"description": "x" * 401},
        {"code": ""},
        {"code": "def ("},
        {"code": "\0"},
        {"code": "(" * 5_000},
        {"parameters": (Parameter("text", "text", ""),)},
        {"parameters": (Parameter("text", "text", "A."), Parameter("text", "text", "B."))},
        {"parameters": (Parameter("x: str = print(1)", "text", "A."),)},
        {"parameters": (Parameter("toolkit", "text", "A."),)},
        {"parameters": tuple(Parameter(f"a{n}", "text", "A.") for n in range(7))},
    ],
)
def test_what_does_not_fit_is_told(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        source_of(replace(DRAFT, **change))  # type: ignore[arg-type]


@given(
    st.text(min_size=10, max_size=200).filter(lambda text: len(text.strip()) >= 10),
    st.text(min_size=1).filter(str.strip),
)
def test_words_of_the_form_never_become_code(description: str, about: str) -> None:
    draft = replace(DRAFT, description=description, parameters=(Parameter("text", "text", about),), code="1")
    try:
        tool = tool_of(draft)
    except InvalidInput:
        return
    assert tool.info.name == "word_count"
    assert list(tool.info.parameters["properties"]) == ["text"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "3", "3"),
        ("number", "2.5", 2.5),
        ("whole number", "3", 3),
        ("yes or no", "Yes", True),
        ("yes or no", "", False),
    ],
)
def test_values_as_they_are_typed(kind: Kind, text: str, value: Json) -> None:
    assert value_of(kind, text) == value
    if kind != "text":
        with pytest.raises(InvalidInput):
            value_of(kind, "perhaps")


def test_what_reaches_out_is_not_tried(box: Toolbox) -> None:
    out = RecordingTool(ToolInfo("out", "Reaches out.", {"type": "object"}, permissions=frozenset({"network"})))
    with pytest.raises(ToolDenied):
        box.trial(out, {})
    assert out.calls == []
