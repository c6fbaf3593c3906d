"""Exact match and F1 as SQuAD's script has them."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.evaluate.answers import contains, exact_match, f1, normalised, wordings


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("The  Ferry, to Oban!", "ferry to oban"),
        ("A theatre in an anteroom", "theatre in anteroom"),
        ("$1,452.40", "145240"),
        ("U.S.", "us"),
        ("«Straße»… dort", "straße dort"),
        ("东京 tower。", "东 京 tower"),
    ],
)
def test_normalised(text: str, bare: str) -> None:
    assert normalised(text) == bare


def squad_normalised(text: str) -> str:
    """The official script's rule: lower case, no ASCII punctuation, no articles, single spaces."""
    bare = "".join(char for char in text.lower() if char not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=40))
def test_ascii_is_normalised_as_by_the_official_script(text: str) -> None:
    assert normalised(text) == squad_normalised(text)


@given(st.text(max_size=30))
def test_every_text_matches_itself(text: str) -> None:
    assert exact_match(text, [text]) == 1
    assert f1(text, [text]) == 1


@given(st.text(max_size=20), st.text(max_size=20))
def test_f1_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert f1(one, [other]) == f1(other, [one])
    assert exact_match(one, [other]) <= f1(one, [other]) <= 1


def test_f1_takes_the_best_form_and_counts_a_word_as_often_as_both_have_it() -> None:
    assert f1("seven in the morning", ["seven", "at seven o'clock"]) == pytest.approx(2 * 1 / (3 + 1))
    assert f1("ship ship", ["ship"]) == pytest.approx(2 / 3)
    assert f1("", [""]) == 1
    assert f1("", ["x"]) == 0
    assert f1("x", []) == 0


def test_every_part_must_be_there_in_one_of_its_forms() -> None:
    parts = (("1.3 million", "1,313,851"), ("Oslo",))
    assert contains("In Oslo live 1,313,851 people.", parts)
    assert not contains("1,313,851 people live there.", parts)
    assert not contains("Osloans: 1.3 million", parts)
    assert not contains("anything", ())
    assert contains("死亡12人。", (("12人",),))


def test_what_a_whole_answer_is_compared_with() -> None:
    assert wordings((("a", "b"),)) == ("a", "b")
    assert wordings((("a", "b"), ("c",))) == ("a c",)
    assert wordings(()) == ()
