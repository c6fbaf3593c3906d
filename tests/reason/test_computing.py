"""Figures of a program, their places, and the scale of a result."""

from __future__ import annotations

import pytest

from basicchat.core.types import Document, Passage
from basicchat.reason import computing


def test_a_program_is_taken_out_of_its_fence_and_prints_its_last_value() -> None:
    assert computing.program_in("Here:\n```python\na = 3\n```\nDone.") == "a = 3\nprint(a)"
    assert computing.program_in("print(3)") == "print(3)"


@pytest.mark.parametrize("reply", ["", "```python\n```", "It is 3 of 4.", "print("])
def test_what_is_no_program_is_told(reply: str) -> None:
    with pytest.raises(ValueError, match=r"Python|no program"):
        computing.program_in(reply)


def test_figures_are_without_the_numbers_of_every_program() -> None:
    assert computing.figures("a = 1234.5\nb = 7\nprint((a - b) / b * 100 + 0 * 2 + True)") == (1234.5, 7.0)
    assert computing.figures("old = 100\nprint(5 / old * 100)") == (100.0, 5.0)


def test_numbers_of_a_text() -> None:
    assert computing.numbers_in("From $1,234.5 in 2019, (7) more") == {1234.5, 2019.0, 7.0}


@pytest.mark.parametrize(
    ("printed", "value"), [("36\n", 36.0), ("a\n1,234.5", 1234.5), ("12 %", 12.0), ("many", None), ("", None)]
)
def test_the_result_is_the_last_line(printed: str, value: float | None) -> None:
    assert computing.result_of(printed) == value


@pytest.mark.parametrize(
    ("value", "text"), [(36.0, "36"), (1234.567, "1,234.57"), (0.12345, "0.1235"), (-2.5, "-2.5"), (0.0, "0")]
)
def test_a_number_for_a_reader(value: float, text: str) -> None:
    assert computing.written(value) == text


@pytest.mark.parametrize(
    ("question", "percent"),
    [
        ("What percentage of the staff is new?", True),
        ("What was the percentage change in revenue?", True),
        ("What is the change in sales as a percent?", True),
        ("By how many percent did sales grow?", True),
        ("What is the % change of cost?", True),
        ("Ann buys a coat at 25% off. What did it cost?", False),
        ("A fund grows by 12 percent a year. What is it worth?", False),
        ("What does Tom pay with the 10% discount?", False),
    ],
)
def test_a_question_that_gives_a_percentage_does_not_ask_for_one(question: str, percent: bool) -> None:
    assert computing.asks_percent(question) is percent


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("Revenue (in thousands)", "thousand"),
        ("Amounts in US$ millions, except per share", "million"),
        ("in millions; other tables in thousands", ""),
        ("$000", "thousand"),
        ("thousands of people", ""),
    ],
)
def test_the_scale_that_a_passage_says(passage: object, text: str, scale: str) -> None:
    assert computing.scale_of([passage(text)]) == scale  # type: ignore[operator]


def test_larger_figures_show_whether_a_result_carries_their_scale() -> None:
    assert computing.stretched("a = 3\nb = 5\nprint(a - b)", {3.0}) == "a = 21.0\nb = 5\nprint(a - b)"
    assert computing.carries_scale("print(3 - 1)", (3.0, 1.0), 2.0, lambda code: "14.0")
    assert not computing.carries_scale("print(3 / 1)", (3.0, 1.0), 3.0, lambda code: "3.0")


@pytest.fixture
def passage() -> object:
    document = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)

    def make(text: str) -> Passage:
        return Passage(1, document, 1, 0, len(text), text, ("c",), 1.0)

    return make
