"""Folders of tools: what is found, what is broken, what has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.testing.tools import RecordingTool, toolkit
from basicchat.toolbox import Broken, Found, Registry, text_of

GREET = '''
from __future__ import annotations
from basicchat.toolbox import tool

@tool(version="1")
def greet(name: str) -> str:
    """Says hello."""
    return f"Hello, {name}!"
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def said(registry: Registry, tool: str, **arguments: object) -> str:
    return text_of(registry.look().tools[tool].tool.run(arguments, toolkit()))


def test_a_file_is_a_tool(own: Path) -> None:
    (own / "greet.py").write_text(GREET, encoding="utf-8")
    registry = Registry(own=own)
    assert said(registry, "greet", name="Ada") == "Hello, Ada!"
    assert not (own / "__pycache__").exists()


def test_a_new_a_changed_and_a_removed_file_need_no_restart(own: Path) -> None:
    registry = Registry(own=own)
    assert registry.look().tools == {}
    (own / "greet.py").write_text(GREET, encoding="utf-8")
    assert said(registry, "greet", name="Ada") == "Hello, Ada!"
    (own / "greet.py").write_text(GREET.replace("Hello", "Howdy"), encoding="utf-8")  # as long, in the same instant
    assert said(registry, "greet", name="Ada") == "Howdy, Ada!"
    (own / "greet.py").unlink()
    assert registry.look().tools == {}


def test_an_unchanged_file_is_loaded_once(own: Path) -> None:
    (own / "greet.py").write_text(GREET, encoding="utf-8")
    registry = Registry(own=own)
    assert registry.look().tools["greet"].tool is registry.look().tools["greet"].tool


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def broken(:\n", "line 1: SyntaxError"),
        ("\nimport no_such_module\n", "line 2: ModuleNotFoundError"),
        ("\n\n1 / 0\n", "line 3: ZeroDivisionError"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("x = 1\n", "defines no tool"),
        (GREET.replace('"""Says hello."""', ""), "no description"),
        (GREET.replace("def greet", "def Greet"), "no name for a tool"),
        (GREET.replace("name: str", "name"), "needs a type"),
    ],
)
def test_a_broken_file_is_reported_and_stops_nobody(own: Path, text: str, reason: str) -> None:
    (own / "bad.py").write_text(text, encoding="utf-8")
    (own / "greet.py").write_text(GREET, encoding="utf-8")
    shelf = Registry(own=own).look()
    assert list(shelf.tools) == ["greet"]
    (broken,) = shelf.broken
    assert broken.origin.endswith("bad.py")
    assert reason in broken.reason


def test_a_file_that_cannot_be_decoded_is_reported(own: Path) -> None:
    (own / "bad.py").write_bytes(b"\xff\xfe\x00")
    (broken,) = Registry(own=own).look().broken
    assert "Error" in broken.reason


def test_a_name_is_had_once(own: Path) -> None:
    (own / "a.py").write_text(GREET, encoding="utf-8")
    (own / "b.py").write_text(GREET.replace("Hello", "Goodbye"), encoding="utf-8")
    registry = Registry(own=own)
    assert said(registry, "greet", name="Ada") == "Hello, Ada!"
    (broken,) = registry.look().broken
    assert broken.origin.endswith("b.py")
    assert "a.py has the name greet already" in broken.reason


def test_nobody_takes_the_name_of_a_built_in_tool(own: Path, tmp_path: Path) -> None:
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    (builtin / "greet.py").write_text(GREET, encoding="utf-8")
    (own / "a.py").write_text(GREET.replace("Hello", "Stolen"), encoding="utf-8")
    registry = Registry(builtin=builtin, own=own)
    assert said(registry, "greet", name="Ada") == "Hello, Ada!"
    assert registry.look().tools["greet"].builtin
    (broken,) = registry.look().broken
    assert "a built-in tool has the name greet already" in broken.reason


def test_tools_from_elsewhere_stand_beside_files(own: Path) -> None:
    (own / "greet.py").write_text(GREET, encoding="utf-8")
    there = [Found(RecordingTool(), "a server"), Broken("another server", "it does not answer")]
    shelf = Registry(own=own, elsewhere=lambda: there).look()
    assert sorted(shelf.tools) == ["greet", "recording"]
    assert shelf.broken == (Broken("another server", "it does not answer"),)


def test_files_that_begin_with_an_underscore_are_no_tools(own: Path) -> None:
    (own / "_shared.py").write_text("1 / 0", encoding="utf-8")
    shelf = Registry(own=own).look()
    assert (dict(shelf.tools), shelf.broken) == ({}, ())


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert Registry(own=tmp_path / "nowhere").look().tools == {}
