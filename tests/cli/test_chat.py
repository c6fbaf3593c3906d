"""``chat``: questions piped in, one a line."""

from __future__ import annotations

import io

import pytest

from tests.cli.conftest import Cli


def test_a_conversation(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("When does the ferry leave?\n\n/new\nRye bread?\n/quit\nNever asked\n")
    )
    ran = filled("chat", "--mode", "extractive", "--json")
    assert ran.code == 0
    assert len(ran.documents) == 2
    assert "seven" in ran.documents[0]["answer"]
    assert "twelve" in ran.documents[1]["answer"]


def test_an_error_does_not_end_it(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("One?\nTwo?\n"))
    ran = filled("chat", "--mode", "telepathy", "--json")
    assert ran.code == 0
    assert [document["error"]["code"] for document in ran.documents] == ["unknown-mode"] * 2
    assert "telepathy" in ran.err


@pytest.mark.parametrize(("options", "again"), [((), True), (("--fresh",), False)])
def test_an_earlier_answer_unless_fresh(
    filled: Cli, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], again: bool
) -> None:
    question = "When does the ferry leave?"
    filled("ask", question, "--mode", "extractive")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{question}\n"))
    ran = filled("chat", "--mode", "extractive", "--json", *options)
    assert (ran.document["earlier"] is not None) == again
