"""Rendering an answer while it is made."""

from __future__ import annotations

import pytest

from basicchat.cli.answering import show_stream
from basicchat.cli.output import Output
from basicchat.core.errors import ProviderUnavailable
from basicchat.core.events import Failed, Finished, Retrieved, Stepped, Thought, Token
from basicchat.core.types import Answer, Citation, Step

CITATION = Citation(1, "d1", "lease.pdf", "Lease", 4, 0, 9, "three\nmonths")
ANSWER = Answer("Three months. [1]", False, "direct", "echo", citations=(CITATION,), warnings=("Mind the gap.",))


def test_pieces_then_sources_then_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    events = [Retrieved(("q",), (), 0.1), Thought("hm"), Token("Three "), Token("months. [1]"), Finished(ANSWER)]
    assert show_stream(events, Output(as_json=False)) is ANSWER
    printed = capsys.readouterr()
    assert printed.out == "Three months. [1]\n\nSources\n[1] lease.pdf, page 4\n    three months\n"
    assert printed.err == "Warning: Mind the gap.\n"


def test_nothing_is_said_beside_json(capsys: pytest.CaptureFixture[str]) -> None:
    show_stream([Token("Three"), Finished(ANSWER)], Output(as_json=True))
    assert capsys.readouterr() == ("", "")


def test_a_failed_answer_raises_its_error() -> None:
    with pytest.raises(ProviderUnavailable, match="gone"):
        show_stream([Failed("provider-unavailable", "gone", "wait")], Output(as_json=False))


def test_steps_are_told_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    running, done = Step("1", "Look"), Step("1", "Look", "done", 1.25, 7, "Found\nit.")
    events = [Stepped(running), Stepped(done), Token("Three months. [1]"), Finished(ANSWER)]
    show_stream(events, Output(as_json=True), verbose=True)
    assert capsys.readouterr().err == "done: Look (1.2 s, 7 tokens)\n    Found it.\n"
