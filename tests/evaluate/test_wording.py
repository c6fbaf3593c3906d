"""Words of a passage as questions."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from basicchat.evaluate.wording import LEAST, Wording, other_form, words_of

TEXT = (
    "The bakery opens early. The rye loaf wants twelve patient hours of rising near the warm oven. "
    "Salt from Guérande goes in last."
)
DRAW = Random(1)  # noqa: S311 - no secret


def made(kind: str) -> list[str]:
    held = Counter(set(words_of(TEXT))) + Counter({"the": 5, "of": 5, "in": 5})
    return Wording(held, 6).question(TEXT, kind, DRAW).split()  # type: ignore[arg-type]


def test_a_sentence_asks_with_its_own_words() -> None:
    assert set(made("words")) <= set(words_of(TEXT))
    assert not {"the", "of"} & set(made("words"))


def test_some_words_are_left_out() -> None:
    assert LEAST - 1 <= len(made("fewer")) < len(made("words"))
    assert set(made("fewer")) < set(made("words"))


def test_words_of_sentences_around_it() -> None:
    sides = [set(words_of(part)) for part in TEXT.split(". ")]
    assert all(side & set(made("around")) for side in sides)


def test_other_forms_are_not_the_words_of_the_passage() -> None:
    assert len(made("forms")) == len(made("words"))
    assert made("forms") != made("words")


@pytest.mark.parametrize(
    ("word", "other"),
    [("harbours", "harbour"), ("cities", "city"), ("rising", "rised"), ("baked", "baking"), ("loaf", "loafs")],
)
def test_endings(word: str, other: str) -> None:
    assert other_form(word) == other


@pytest.mark.parametrize("word", ["a4-12", "2024", "guérande", "tie"])
def test_names_and_numbers_keep_their_form(word: str) -> None:
    assert other_form(word) == word


def test_nothing_to_ask_about() -> None:
    wording = Wording(Counter({"it": 3, "is": 3, "so": 3}), 3)
    assert wording.question("It is so.", "words", DRAW) == ""
    assert wording.question("", "around", DRAW) == ""
