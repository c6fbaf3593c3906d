from __future__ import annotations

import pytest

from basicchat.evaluate.parsing import missing_words, word_recall, words_of


def test_all_and_nothing() -> None:
    assert word_recall("The harbour is open.", "the HARBOUR, is (open)!") == 1.0
    assert word_recall("harbour", "river") == 0.0
    assert word_recall("", "anything") == 1.0
    assert word_recall("<!-- image -->", "") == 1.0


def test_words_count_as_often_as_they_are_expected() -> None:
    assert word_recall("ship ship ship river", "ship river") == pytest.approx(2 / 4)
    assert missing_words("ship ship ship river", "ship river") == ["ship", "ship"]


def test_more_than_expected_is_no_fault() -> None:
    assert word_recall("ship", "ship ship and much more") == 1.0


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# A **bold** _title_", ["a", "bold", "title"]),
        ("| a | b |\n| - | --- |\n| 1 | -2.5 |", ["a", "b", "1", "2", "5"]),
        ("see [the page](https://example.org/a_(b)) now", ["see", "the", "page", "now"]),
        ("![a ship](ship.png) <br> <!-- image -->", ["a", "ship"]),
        (r"snake\_case &lt;b&gt;", ["snake", "case"]),
        ("eﬃcient Straße", ["efficient", "strasse"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("2 < 3 and 5 > 4", ["2", "3", "and", "5", "4"]),
    ],
)
def test_words(markdown: str, words: list[str]) -> None:
    assert words_of(markdown) == words
