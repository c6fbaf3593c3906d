"""Grading free answers without a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.evaluate.grade import CORRECT, INCORRECT, REFUSED, declines, grade


@pytest.mark.parametrize(
    ("gold", "answer", "label"),
    [
        ("93.86", "It comes to about 93.88 days.", CORRECT),
        ("93.86", "It comes to 97.97 days.", INCORRECT),
        ("0.028", "The average margin is 2.8%.", CORRECT),
        ("11588.00", "Net income was $11,588 million. The filing does not specify more.", CORRECT),
        ("11588.00", "The filing does not specify net income.", REFUSED),
        ("Yes, it rose by 4%.", "Yes. It went up.", CORRECT),
        ("Yes, it rose by 4%.", "It did not rise.", INCORRECT),
        ("No, it fell from 36.8% to 34.6%.", "No, it went from 12% to 9%.", INCORRECT),
        ("No, it fell from 36.8% to 34.6%.", "No: 36.8% the year before, then 34.6%.", CORRECT),
        ("maybe", "Maybe, the trial was small.", CORRECT),
        ("7 May 2023", "She went there on May 7, 2023.", CORRECT),
        ("7 May 2023", "She went there on May 8, 2023.", INCORRECT),
        ("Simona Halep", "The winner was Simona Halep.", CORRECT),
        ("Simona Halep", "The winner was Serena Williams.", INCORRECT),
        ("12人", "死亡12人", CORRECT),
        ("Oslo", "Please provide the document that tells it.", REFUSED),
        ("Oslo", "", REFUSED),
        ("Oslo", "I\N{RIGHT SINGLE QUOTATION MARK}m sorry.", REFUSED),
    ],
)
def test_labels(gold: str, answer: str, label: str) -> None:
    assert grade("What was it?", ((gold,),), answer).label == label


def test_every_part_is_wanted_in_one_of_its_forms() -> None:
    gold = (("Oslo", "Christiania"), ("1.3 million",))
    assert grade("Where, how many?", gold, "Christiania, 1,300,000 people").label == CORRECT
    missing = grade("Where, how many?", gold, "In Oslo.")
    assert (missing.label, missing.why) == (INCORRECT, "lacks 1.3 million")


def test_repeating_the_question_earns_nothing() -> None:
    gold = (("The ferry to Oban leaves from Mull",),)
    question = "From where does the ferry to Oban leave?"
    assert grade(question, gold, "The ferry to Oban leaves from Skye.").label == CORRECT  # one word of two
    assert grade(question, gold, "The ferry to Oban.").label == INCORRECT


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_pair_of_texts_has_a_label(gold: str, answer: str) -> None:
    assert grade("Why?", ((gold,),), answer).label in (CORRECT, INCORRECT, REFUSED)


@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=60))
def test_the_gold_answer_itself_is_never_wrong(gold: str) -> None:
    if gold.strip() and not declines(gold):
        assert grade("Why?", ((gold,),), gold).label == CORRECT


def test_without_a_gold_answer_nothing_is_right() -> None:
    assert grade("Why?", (), "Because.").label == INCORRECT


@pytest.mark.evals
def test_agreement_with_people_does_not_fall(evals: Path) -> None:
    from benchmarks.grader import agreement, labelled, reporting_half

    assert (evals / "financebench").is_dir()
    accuracy, kappa = agreement(reporting_half(list(labelled())))
    assert accuracy >= 0.85
    assert kappa >= 0.78
