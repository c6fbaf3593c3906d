"""Numbers are compared by what they are worth, with their scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.figures import missing_figures


@pytest.mark.parametrize(
    ("claim", "text", "missing"),
    [
        ("It has 1.2 million users", "1,200,000 users", set()),
        ("It has 1,300,000 users", "1.2 million users", {"1300000"}),
        ("It made 4 million", "4 people", {"4"}),
        ("It made 4 million", "4 billion", {"4"}),
        ("It made 4 million", "in millions: 3 | 4", set()),
        ("It made $1,577 million", "| 1,577 | 1,344 |", set()),
        ("It rose by 5%", "it rose by 5 per cent", set()),
        ("It rose by 5%", "5 people rose", {"5"}),
        ("A share of 5 percent", "a share of 0.05", set()),
        ("On 7 May 2023", "2023-05-07", set()),
        ("On 8 May 2023", "2023-05-07", {"8", "2023"}),
        ("In 2019", "in 2020", {"2019"}),
        ("3 of them", "three of them", set()),
        ("3 of them", "13 of them", {"3"}),
        ("It weighs 3.5 kg", "3.5kg", set()),
        ("in FY2022", "FY2022", set()),
        ("none", "", set()),
    ],
)
def test_what_is_borne_out(claim: str, text: str, missing: set[str]) -> None:
    assert missing_figures(claim, text) == missing


def test_a_number_of_the_question_need_not_stand_in_the_passage() -> None:
    assert missing_figures("In 2019 it was Ada.", "It was Ada.", besides="Who was it in 2019?") == set()


numbers = st.integers(0, 10**7).map(lambda number: f"{number:,}")


@given(st.lists(st.one_of(numbers, st.sampled_from(["million", "%", "$", "in", "kg", "2019"]))).map(" ".join))
def test_nothing_is_missing_from_a_text_itself(text: str) -> None:
    assert missing_figures(text, text) == set()


@given(st.text(), st.text())
def test_what_is_missing_stands_in_the_claim(claim: str, text: str) -> None:
    assert missing_figures(claim, text) <= missing_figures(claim, "")
