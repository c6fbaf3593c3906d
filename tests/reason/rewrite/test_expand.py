"""Further words from what a first search found."""

from __future__ import annotations

from basicchat.reason.rewrite.expand import expanded

FOUND = [
    "Sea salt forms by evaporation in salt pans.",
    "In salt pans the sun drives evaporation.",
    "Workers rake salt pans in summer.",
    "The harbour opens in summer.",
    "Sea trade grew in summer.",
]


def test_words_that_set_the_first_passages_apart_are_added_as_they_are_written() -> None:
    assert expanded("How is salt made?", FOUND) == "How is salt made? pans evaporation"
    assert expanded("How is salt made?", FOUND, words=1) == "How is salt made? pans"


def test_without_passages_to_compare_with_the_question_stays() -> None:
    assert expanded("How is salt made?", FOUND[:3]) == "How is salt made?"
    assert expanded("How is salt made?", []) == "How is salt made?"
