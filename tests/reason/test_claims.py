"""An answer as sentences with their numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.claims import claim_before, claims, trailing


def said(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(claim.text, claim.numbers) for claim in claims(text)]


def test_numbers_belong_to_the_sentence_they_end() -> None:
    assert said("It rose [1]. It fell. [2][3] So it is!") == [
        ("It rose.", (1,)),
        ("It fell.", (2, 3)),
        ("So it is!", ()),
    ]


def test_items_are_claims_and_code_is_none() -> None:
    assert said("- Red [1]\n2. Green\n```\nx[1] = 2\n```\n> Blue [2]") == [
        ("Red", (1,)),
        ("Green", ()),
        ("Blue", (2,)),
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


def test_claims_know_their_place() -> None:
    text = "It rose [1]. It fell. [2][3] So!\n# Head\n- Red [1]. Blue.[2] Grey\n```\nx[1]. Y\n```\n> Green [1]."
    assert [text[claim.start : claim.end] for claim in claims(text)] == [
        "It rose [1].",
        "It fell. [2][3]",
        "So!",
        "Head",
        "Red [1].",
        "Blue.[2]",
        "Grey",
        "Green [1].",
    ]


words = st.sampled_from(
    ["It", "rose", "[1]", "[2]", ".", ". ", " ", "!", "\n", "- ", "```\n", "# ", "B", "\u2028", "”"]
)


@given(st.lists(words).map("".join))
def test_places_are_in_order_and_hold_what_is_said(text: str) -> None:
    place = 0
    for claim in claims(text):
        assert place <= claim.start < claim.end <= len(text)
        letters = "".join(filter(str.isalpha, text[claim.start : claim.end]))
        assert letters == "".join(filter(str.isalpha, claim.text))
        place = claim.end


@given(st.text())
def test_any_text_has_claims(text: str) -> None:
    assert all(claim.text.strip() == claim.text != "" for claim in claims(text))
    assert "\n" not in claim_before(text)
