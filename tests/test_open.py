"""``basicchat.open``: what other programs get."""

from __future__ import annotations

from pathlib import Path

import pytest

import basicchat
from basicchat.core.errors import InvalidInput, StoreLocked


def test_a_library_that_is_taken_is_refused(tmp_path: Path) -> None:
    with basicchat.open(home=tmp_path, profile="fake"), pytest.raises(StoreLocked, match="Python program") as caught:
        basicchat.open(home=tmp_path, profile="fake")
    assert caught.value.hint
    basicchat.open(home=tmp_path, profile="fake").close()


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="profile"):
        basicchat.open(home=tmp_path, profile="odd")


def test_the_mode_with_tools_has_the_toolbox_of_the_assistant(tmp_path: Path) -> None:
    """The fake model gives the simplest argument that fits, which the real calculator refuses."""
    with basicchat.open(home=tmp_path, profile="fake") as assistant:
        answer = assistant.ask("What is 17% of 2340?", mode="agent")
        assert [(call.name, call.outcome) for call in answer.calls] == [("calculator", "failed")]
        assistant.tools.set("calculator", "never")
        assert assistant.ask("What is 17% of 2340?", mode="agent").calls == ()
