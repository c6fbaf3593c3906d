"""The reference says what the program does."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_committed_pages_are_current(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert script("generate_reference")["main"](["--check"]) == 0, capsys.readouterr().out


def test_every_setting_is_told(script: Any) -> None:
    page = script("generate_reference")["settings_page"]()
    assert "`BASICCHAT_OLLAMA__URL`" in page
    assert all(row.count("|") == 5 and not row.endswith("|  |") for row in page.splitlines() if row.startswith("| `"))


def test_every_command_is_told(script: Any) -> None:
    page = script("generate_reference")["commands_page"]()
    for command in ("ingest", "models pull", "library remove", "eval retrieval", "doctor", "ui"):
        assert f"## `basicchat {command}`" in page


def test_every_format_is_told(script: Any) -> None:
    page = script("generate_reference")["formats_page"]()
    for name in ("| PDF | `.pdf` |", "| Mail | `.eml` |", "| Zip archive | `.zip` |", "`.asciidoc`", "[speech]"):
        assert name in page
    assert all(row.count("|") == 5 for row in page.splitlines() if row.startswith("| "))
