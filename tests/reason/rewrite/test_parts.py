"""Compound questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.rewrite.parts import MOST_PARTS, parts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What is the rent of the flat? Who pays the heating?",
            ("What is the rent of the flat?", "Who pays the heating?"),
        ),
        (
            "Who built the Eiffel Tower and when was the tower opened?",
            ("Who built the Eiffel Tower?", "when was the tower opened?"),
        ),
        (
            "Who built the Eiffel Tower, and when was it opened?",
            ("Who built the Eiffel Tower?", "when was it opened? built the Eiffel Tower"),
        ),
        ("Compare the Basic plan and the Plus plan in price.", ("the Basic plan in price", "the Plus plan in price")),
        ("What is the difference between annuities and bonds?", ("annuities", "bonds")),
        (
            "Were Scott Derrickson and Ed Wood of the same nationality?",
            ("Were Scott Derrickson of the same nationality", "Were Ed Wood of the same nationality"),
        ),
        (
            "Which magazine was started first Arthur's Magazine or First for Women?",
            (
                "Which magazine was started first Arthur's Magazine",
                "Which magazine was started first First for Women",
            ),
        ),
    ],
)
def test_parts_of_compound_questions(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How tall is the Eiffel Tower?",
        "When was Procter and Gamble founded?",
        "What are the terms and conditions?",
        "What does the lease say about pets and noise?",
        "I moved here and do not know where the office is.",
        "What is the difference between plans?",
        "Compare bonds and stocks and funds and gold.",
        "Why? How?",
        "",
    ],
)
def test_a_question_is_left_whole_when_unsure(question: str) -> None:
    assert parts(question) == (question,)


@given(st.text(max_size=120))
def test_there_is_always_a_part_and_never_too_many(question: str) -> None:
    found = parts(question)
    assert 1 <= len(found) <= MOST_PARTS
    assert len(found) == 1 or all(found)
