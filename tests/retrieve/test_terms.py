"""Content words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.retrieve.terms import coverage, numbers, stem, terms


def test_coverage_counts_content_words_only() -> None:
    assert coverage("What is the price of the tower?", "The tower has prices") == 1.0
    assert coverage("price of the tower in 2019", "tower of 2018") == pytest.approx(1 / 3)
    assert coverage("what is it", "anything") == 1.0


def test_words_that_only_ask_are_left_out() -> None:
    assert terms("Please tell me what the prices of the documents were") == ["pric"]


@pytest.mark.parametrize(
    ("one", "other"), [("prices", "price"), ("acquired", "acquires"), ("companies", "company"), ("Nike's", "Nike")]
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_numbers_lose_their_separators_and_keep_every_digit() -> None:
    assert numbers("16,525 in FY2019, not 3.5") == {"16525", "fy2019", "3.5"}


def test_short_words_stay_whole() -> None:
    assert stem("gas") == "gas"


@given(st.text())
def test_any_text_has_terms(text: str) -> None:
    assert all(terms(text))
