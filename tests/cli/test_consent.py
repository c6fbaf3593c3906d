"""Tools that wait for consent, at the terminal and elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from basicchat.cli import consent
from basicchat.cli.consent import show_with_consent
from basicchat.cli.output import Output
from basicchat.core.events import Event, Finished, Token
from basicchat.core.tools import ToolInfo
from basicchat.core.types import Answer, ToolCall, ToolUse
from basicchat.testing.tools import RecordingTool, toolkit
from basicchat.toolbox import Found, Registry, Toolbox

ADDRESS = {"address": "http://example.org"}
WAITS = ToolUse("web_page", ADDRESS, "asked", "it has the permission to reach the network")
TAINTED = ToolUse("web_page", ADDRESS, "asked", "the words of a document or page led to this call", tainted=True)
Stream = Callable[..., Iterator[Event]]


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", Terminal(text))


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Toolbox:
    web = RecordingTool(ToolInfo("web_page", "Reads.", {"type": "object"}, permissions=frozenset({"network"})))
    made = Toolbox(Registry(elsewhere=lambda: [Found(web, "test")]), toolkit=toolkit)

    @contextmanager
    def opened() -> Iterator[Toolbox]:
        yield made

    monkeypatch.setattr(consent, "opened", opened)
    return made


def stream_of(use: ToolUse, asked: list[Sequence[ToolCall]]) -> Stream:
    """Answers that want a call until it is allowed."""

    def stream(*, allowed: Sequence[ToolCall] = ()) -> Iterator[Event]:
        asked.append(allowed)
        yield Token("So it is.")
        calls = () if allowed else (use,)
        yield Finished(Answer("So it is.", False, "agent", "echo", calls=calls))

    return stream


def test_a_yes_asks_again_with_the_very_call(typed: Callable[[str], None]) -> None:
    typed("once\n")
    asked: list[Sequence[ToolCall]] = []
    answer = show_with_consent(stream_of(WAITS, asked), Output(as_json=False))
    assert asked == [(), (ToolCall("web_page", ADDRESS),)]
    assert answer.calls == ()


@pytest.mark.parametrize(("word", "standing"), [("no", "ask"), ("never", "never")])
def test_a_no_leaves_the_answer_as_it_is(typed: Callable[[str], None], box: Toolbox, word: str, standing: str) -> None:
    typed(f"{word}\n")
    asked: list[Sequence[ToolCall]] = []
    assert show_with_consent(stream_of(WAITS, asked), Output(as_json=False)).calls == (WAITS,)
    assert (len(asked), box.status("web_page").standing) == (1, standing)


def test_always_is_remembered(typed: Callable[[str], None], box: Toolbox) -> None:
    typed("always\n")
    asked: list[Sequence[ToolCall]] = []
    show_with_consent(stream_of(WAITS, asked), Output(as_json=False))
    assert (len(asked), box.status("web_page").standing) == (2, "always")


def test_always_is_not_offered_where_it_would_not_hold(
    typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typed("always\nno\n")
    show_with_consent(stream_of(TAINTED, []), Output(as_json=False))
    assert "(once, no, never)" in capsys.readouterr().err


def test_elsewhere_nobody_is_asked_and_the_call_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("once\n"))
    asked: list[Sequence[ToolCall]] = []
    show_with_consent(stream_of(WAITS, asked), Output(as_json=False))
    said = capsys.readouterr().err
    assert len(asked) == 1
    assert 'web_page did not run with {"address": "http://example.org"}' in said
    assert "Ask in a terminal" in said


def test_a_result_is_printed_with_its_call(capsys: pytest.CaptureFixture[str]) -> None:
    use = ToolUse("calculator", {"expression": "3 * 12"}, "done", "3 * 12 = 36")
    show_with_consent(
        lambda: iter([Token("36."), Finished(Answer("36.", False, "agent", "echo", calls=(use,)))]),
        Output(as_json=False),
    )
    assert "calculator: 3 * 12 = 36" in capsys.readouterr().out
