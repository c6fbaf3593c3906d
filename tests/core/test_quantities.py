"""Numbers and dates by what they are worth."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.quantities import Quantity, agree, dates, quantities


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sales of $1,496.5 million", [Quantity(1496.5, 1e6, step=0.1)]),
        ("1.8 bn and 3k", [Quantity(1.8, 1e9, step=0.1), Quantity(3, 1e3)]),
        ("by 12.5% or 3 per cent", [Quantity(12.5, percent=True, step=0.1), Quantity(3, percent=True)]),
        ("FY2022, Q2 and the 10-K", []),
        ("in 2019", [Quantity(2019, year=True)]),
        ("$2019", [Quantity(2019)]),
        ("on May 7th, 2023", []),
        ("(42)", [Quantity(42)]),
        (".5 of it", [Quantity(0.5, step=0.1)]),
        ("nothing", []),
    ],
)
def test_quantities(text: str, found: list[Quantity]) -> None:
    assert list(quantities(text)) == found


@pytest.mark.parametrize(
    ("gold", "given", "same"),
    [
        ("11588.00", "$11,588 million", True),
        ("0.028", "2.8%", True),
        ("0.028", "2.82%", True),
        ("2.8%", "2.7%", False),
        ("93.86", "93.88", True),
        ("93.86", "97.97", False),
        ("0.054", "54%", False),
        ("$1.8 bn", "1,824 million", True),
        ("$1.8 bn", "2 billion", False),
        ("16525", "16,525,000,000", True),
        ("5 million", "5 billion", False),
        ("0", "0.4", True),
        ("0.0", "0.4", False),
    ],
)
def test_agreement(gold: str, given: str, same: bool) -> None:
    (one,), (other,) = quantities(gold), quantities(given)
    assert agree(one, other, tolerance=0.001) == same


@given(st.floats(0, 1e9), st.floats(0, 0.1))
def test_a_number_agrees_with_itself(value: float, tolerance: float) -> None:
    assert agree(Quantity(value), Quantity(value), tolerance=tolerance)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert all(number.value >= 0 for number in quantities(text))
    dates(text)


@pytest.mark.parametrize(
    "text", ["2023-05-07", "7 May 2023", "on the 7th of May 2023", "May 7, 2023", "may 7th 2023", "7 may, 2023"]
)
def test_dates(text: str) -> None:
    assert dates(f"It was {text}.") == {date(2023, 5, 7)}


def test_what_is_no_date() -> None:
    assert dates("2023-02-31, 31 June 2020, May 2023") == frozenset()
