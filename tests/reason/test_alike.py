"""Whether answers say the same."""

from __future__ import annotations

import pytest

from basicchat.reason.alike import SAME, alike, groups

QUESTION = "How tall is the Eiffel Tower?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is 330 metres tall [1].", "The Eiffel Tower is 330 metres tall [2]."),
        ("5 + 6 = 11, so 11", "The answer is 11.00"),
        ("Maren Holt built it.", "It was built by Maren Holt [3]."),
        ("1,000 people", "1000 people"),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert alike(one, other, question=QUESTION) >= SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [("330 metres", "300 metres"), ("Maren Holt built it.", "Gustave Eiffel did."), ("330 metres", "It is not said.")],
)
def test_something_else(one: str, other: str) -> None:
    assert alike(one, other, question=QUESTION) < SAME


def test_the_largest_group_comes_first() -> None:
    assert groups(["300 m", "330 metres", "It is 330 metres tall"], question=QUESTION) == [[1, 2], [0]]
