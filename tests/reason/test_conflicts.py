"""Sources that say the same but for one value disagree; everything else is no disagreement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.grounding import Conflict, disagreement
from basicchat.core.types import Passage
from basicchat.reason.conflicts import conflicts, differing
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check

from .conftest import DOCUMENT, passage


def between(one: str, other: str) -> tuple[str, str] | None:
    found = differing(one, other)
    return found and (one[found[0]], other[found[1]])


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        ("The tower is 330 metres tall.", "The tower is 324 metres tall.", ("330", "324")),
        (
            "It was held on 7 February 2021 in Tampa, Florida, the home of a team.",
            "It was held on Feb. 7, 2021 in Glendale, Arizona, the home of a team.",
            ("Tampa, Florida", "Glendale, Arizona"),
        ),
        ("The head of Acme is Ada Byron.", "The head of Acme is now Mary Somerville.", None),
        ("The chief executive of Acme is Ada Byron.", "The chief executive of Acme is Mary Somerville.",
         ("Ada Byron", "Mary Somerville")),
        ("Sales of the firm rose to 4,200 units in 2019.", "Sales of the firm fell to 3,900 units in 2020.", None),
        ("The firm has 1.2 million users in Europe.", "The firm has 1,200,000 users in Europe.", None),
        ("Paris is a large city in France.", "Lyon is a large city in France.", None),
        ("The tower is 330 metres tall.", "The bridge is 324 metres long.", None),
        ("The tower is 330 metres tall.", "The tower is 330 metres tall.", None),
        ("The Nobel Prize in Literature was given to her.", "The NobelPrize for Literature was given to her.", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_one_value_that_differs_among_the_same_words(one: str, other: str, values: tuple[str, str] | None) -> None:
    assert between(one, other) == values


TOWER = [
    passage(1, "The Eiffel Tower in Paris is 330 metres tall. It was built for a fair.", page=2),
    passage(
        2, "It is old. The Eiffel Tower in Paris is 324 metres tall.", document=replace(DOCUMENT, id="other", title="B")
    ),
]


def found_in(text: str, passages: list[Passage]) -> tuple[Conflict, ...]:
    return conflicts(text, check(text, Grounds(passages, question="How tall is it?")), passages)


def test_the_answer_says_which_source_says_what() -> None:
    (conflict,) = found_in("The Eiffel Tower is 330 metres tall [1].", TOWER)
    assert [(each.document_id, each.page, each.value) for each in conflict.statements] == [
        ("d", 2, "330"),
        ("other", 1, "324"),
    ]
    for each, source in zip(conflict.statements, TOWER, strict=True):
        assert source.text[each.start : each.end] == each.quote
    assert conflict.sentence == 0
    assert disagreement(conflict) == "Sources disagree: The report says “330”, B says “324”."


def test_one_document_does_not_disagree_with_itself() -> None:
    assert found_in("The tower is 330 metres tall [1].", [TOWER[0], replace(TOWER[1], document=DOCUMENT)]) == ()


def test_a_value_that_the_answer_does_not_give_is_no_concern_of_it() -> None:
    assert found_in("The Eiffel Tower in Paris is tall [1].", TOWER) == ()


def test_a_source_that_gives_both_values_does_not_disagree() -> None:
    both = replace(TOWER[1], text=TOWER[1].text + " With its antenna it has 330 metres.")
    assert found_in("The Eiffel Tower is 330 metres tall [1].", [TOWER[0], both]) == ()


words = st.sampled_from(
    ["The", "tower", "is", "330", "324", "Paris", "Rome", "metres", "tall", "7 May 2021", ",", "长江"]
)


@given(st.lists(words).map(" ".join), st.lists(words).map(" ".join))
def test_what_differs_lies_within_both_texts(one: str, other: str) -> None:
    if values := between(one, other):
        assert all(values)
        assert values[0] != values[1]
    assert between(one, one) is None
