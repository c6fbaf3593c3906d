"""What was found is put into later parts."""

from __future__ import annotations

import pytest

from basicchat.reason.modes.debate import dissent
from basicchat.reason.modes.joining import filled


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("When was #1 born?", ["Maren Holt."], "When was Maren Holt born?"),
        ("When was #2 born?", ["Maren Holt."], "When was it born?"),
        ("When was #1 born?", [""], "When was it born?"),
        ("Nothing to fill", ["x"], "Nothing to fill"),
        ("#1", [" ".join("abcdefghijklmno")], "a b c d e f g h i j k l"),
    ],
)
def test_answers_stand_for_their_numbers(text: str, found: list[str], expected: str) -> None:
    assert filled(text, found) == expected


def test_who_reads_otherwise_is_named() -> None:
    said = dissent(["a [1].", "b [2].", "", ""], [[1], [2, 3]])
    assert said == "Read otherwise:\n\n- The sceptic: b [2].\n- 2 readers: the passages do not say."
    assert dissent(["a"], []) == ""
