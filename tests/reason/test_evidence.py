"""What the best passages show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Hit
from basicchat.reason.evidence import MOST_LOGIT, Evidence, best_sentence, measure

from .conftest import DOCUMENT


def hit(text: str, **scores: float) -> Hit:
    return Hit(Chunk(text, "d", 0, 1, 0, len(text), text), DOCUMENT, 1.0, scores)


def test_evidence_is_the_best_of_the_first_hits() -> None:
    hits = [hit("a tower of steel", dense=0.5, rerank=-3.0), hit("a wooden tower", dense=0.7, lexical=2.0)]
    wanted = Evidence(coverage=1.0, sentence=1.0, dense=0.7, rerank=-3.0)
    assert measure("Which tower is wooden?", hits) == wanted


def test_words_of_several_sentences_count_together_but_not_for_one() -> None:
    found = measure("Who painted the wooden tower?", [hit("The tower is wooden there. Anna Holt painted the gates.")])
    assert found.coverage == 1.0
    assert found.sentence == pytest.approx(2 / 3)


def test_what_lies_further_down_does_not_count() -> None:
    far = [*(hit(f"nothing of it {number}") for number in range(5)), hit("a wooden tower", dense=1.0, rerank=9.0)]
    assert measure("Which tower is wooden?", far) == Evidence(coverage=0.0)


def test_without_hits_there_is_no_evidence() -> None:
    assert measure("Which tower?", []) == Evidence(coverage=0.0)


def test_one_odd_logit_does_not_decide_alone() -> None:
    assert measure("Which tower?", [hit("x", rerank=40.0)]).rerank == MOST_LOGIT


def test_the_language_of_the_question_is_told() -> None:
    assert measure("Who built the tower?", []).english
    assert not measure("Wer hat den Turm gebaut?", []).english


def test_only_what_was_measured_is_known() -> None:
    assert measure("Which tower?", [hit("a tower", dense=0.5)]).known() == {
        "coverage": 1.0,
        "sentence": 0.0,
        "dense": 0.5,
    }


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_shares_are_shares(question: str, texts: list[str]) -> None:
    found = measure(question, [hit(text) for text in texts])
    sentence, share = best_sentence(question, texts)
    assert 0 <= found.coverage <= 1
    assert 0 <= found.sentence == share <= 1
    assert not sentence or any(sentence in text for text in texts)
