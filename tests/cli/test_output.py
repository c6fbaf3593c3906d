"""Text is data: it cannot drive the terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.cli.output import Output, describe, one_line, printable
from basicchat.core.errors import NotFound
from basicchat.core.types import Progress


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    shown = printable(text)
    assert all(
        character in "\n\t" or not (ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0) for character in shown
    )


def test_an_escape_sequence_is_shown_not_obeyed() -> None:
    assert "\x1b" not in printable("\x1b]0;owned\x07\x1b[2Jhello")
    assert printable("\u202egnp.exe") == "gnp.exe"


@given(st.text(), st.integers(min_value=2, max_value=200))
def test_one_line_fits(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line) <= width
    assert "\n" not in line


def test_json_keeps_people_off_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    output.say("for people")
    output.piece("for people")
    output.document({"name": "Zoë"})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"name": "Zoë"}


def test_a_failure_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).failure(NotFound("There is no such thing.", hint="Look elsewhere."))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "Error: There is no such thing.\nLook elsewhere.\n"


def test_progress_stays_out_of_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).progress("file", Progress("embedding", 1, 2, "passages"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("fetching", 5_000_000, 10_000_000, "bytes"), "fetching 5 of 10 MB"),
        (Progress("embedding", 3, 9, "passages"), "embedding 3 of 9 passages"),
        (Progress("reading", 3, 0, "pages"), "reading 3 pages"),
        (Progress("checking"), "checking"),
    ],
)
def test_progress_in_words(progress: Progress, words: str) -> None:
    assert describe(progress) == words
