"""Which passage an answer rests on, and what of it a citation quotes."""

from __future__ import annotations

from basicchat.reason.attribute import citations, supporting

from .conftest import passage

PASSAGES = [
    passage(1, "Sales rose to 4,200 units in 2019. Costs fell slightly.", start=30, page=4),
    passage(2, "The chief executive is Ada Byron. She joined in 2015.", page=5),
]


def test_the_passage_that_holds_the_answer_is_found() -> None:
    found = supporting("Ada Byron is the chief executive.", PASSAGES, question="Who runs the company?")
    assert found is PASSAGES[1]


def test_a_number_that_stands_nowhere_is_not_supported() -> None:
    assert supporting("Sales rose to 4,300 units.", PASSAGES, question="How were sales?") is None


def test_other_words_are_not_supported() -> None:
    assert supporting("The weather was pleasant and mild.", PASSAGES, question="How were sales?") is None
    assert supporting("", PASSAGES, question="") is None


def test_a_citation_quotes_the_sentence_nearest_to_the_claim() -> None:
    first, second = citations("Ada Byron runs it [2]. Sales rose [1].", PASSAGES, question="Who runs it?")
    assert (first.number, first.page, first.quote) == (2, 5, "The chief executive is Ada Byron.")
    assert (second.number, second.page, second.quote) == (1, 4, "Sales rose to 4,200 units in 2019.")
    assert (second.start, second.end) == (30, 64)


def test_numbers_without_a_passage_give_no_citation() -> None:
    assert citations("It is so [7].", PASSAGES, question="Is it?") == ()
