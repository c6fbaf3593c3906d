"""An answer as sentences with their numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.claims import Claim, claim_before, claims, trailing


def test_numbers_belong_to_the_sentence_they_end() -> None:
    assert claims("It rose [1]. It fell. [2][3] So it is!") == [
        Claim("It rose.", (1,)),
        Claim("It fell.", (2, 3)),
        Claim("So it is!", ()),
    ]


def test_items_are_claims_and_code_is_none() -> None:
    assert claims("- Red [1]\n2. Green\n```\nx[1] = 2\n```\n> Blue [2]") == [
        Claim("Red", (1,)),
        Claim("Green", ()),
        Claim("Blue", (2,)),
    ]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("It rose in 2019. It fell in 2020", "It fell in 2020"),
        ("It rose sharply in 2019 [1] and fell slowly in 2020", "and fell slowly in 2020"),
        ("It rose sharply in 2019 [1][2]", "It rose sharply in 2019"),
        ("The firm rose [1] and fell", "The firm rose and fell"),
        ("It rose sharply. ", "It rose sharply."),
        ("It rose. [1] It fell sharply. ", "It fell sharply."),
        ("Dr. Byron said no", "Dr. Byron said no"),
        ("First line\n* second line", "second line"),
        ("", ""),
    ],
)
def test_a_number_stands_for_the_words_before_it(text: str, claim: str) -> None:
    assert claim_before(text) == claim


def test_numbers_at_the_end_are_read() -> None:
    assert trailing("So it is [1] [3]") == [1, 3]
    assert trailing("So [1] it is") == []


@given(st.text())
def test_any_text_has_claims(text: str) -> None:
    assert all(claim.text.strip() == claim.text != "" for claim in claims(text))
    assert "\n" not in claim_before(text)
