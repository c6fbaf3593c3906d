"""Which questions ask the same. A near miss must never pass; a paraphrase may be missed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.sameness import normalised, same_question, skeleton
from benchmarks.cache_pairs import NEAR_MISSES, pairs

SAME = [
    ("When was the lighthouse built?", "when was lighthouse built"),
    ("Who runs the port of Oban?", "Could you please tell me who runs the port of Oban?"),
    ("Who is Ada Smith?", "Tell me who Ada Smith is."),
    ("In 1974, what did the embargo cause?", "What did the embargo cause in 1974?"),
    ("Which court is the highest?", "What court is the highest?"),
    ("How many teams are in the league?", "What is the number of teams in the league?"),
    ("When did the fair start?", "When did the fair begin?"),
    ("What's the price of 12,000 bolts?", "What is the price of 12000 bolts?"),
    ("Why wasn't the bridge finished?", "Why was not the bridge finished?"),
    ("What share of the EU budget is it?", "What share of the European Union budget is it?"),
    ("Hello, how tall is the tower, please?", "How tall is the tower?"),
    ("Wann wurde der Turm gebaut?", "wann wurde der turm gebaut"),
    ("塔是什么时候建的?", "塔是什么时候建的"),
]

DIFFERENT = [
    ("What was the revenue in 2018?", "What was the revenue in 2019?"),
    ("Which tower is the highest?", "Which tower is the lowest?"),
    ("Who did the Normans defeat?", "Who defeated the Normans?"),
    ("Who was defeated by the Normans?", "Who was defeated with the Normans?"),
    ("Did Rome beat Carthage?", "Did Carthage beat Rome?"),
    ("Who is the chief executive?", "Who was the chief executive?"),
    ("Is smoking allowed?", "Is smoking not allowed?"),
    ("How many people came?", "How much people came?"),
    ("When does the shop open?", "In what year does the shop open?"),
    ("What causes hepatitis A?", "What causes hepatitis?"),
    ("Who plays for the US?", "Who plays for us?"),
    ("Which country borders Chad?", "Which countries border Chad?"),
    ("How long is it in miles?", "How long is it in kilometres?"),
    ("Who ruled before the war?", "Who ruled after the war?"),
    ("What is 10² metres?", "What is 102 metres?"),
    ("What does C++ cost?", "What does C cost?"),
    ("How cold is -5 degrees?", "How cold is 5 degrees?"),
    ("Who fought in World War I?", "Who fought in World War II?"),
    ("How many few remained?", "How many a few remained?"),
    ("Who built the Orla lighthouse?", "Who built the Oban lighthouse?"),
    ("What does the first clause say?", "What does the second clause say?"),
    ("Fossils that were found are how old?", "Fossils that are found were how old?"),
    ("", ""),
    ("The?", "the"),
    ("?", "!"),
]

WORDS = st.sampled_from(
    "who what when the a not in by 2018 2019 May Rome Carthage highest lowest is was did tower $5 3% km US us".split()  # noqa: SIM905
)
QUESTIONS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=9).map(" ".join))


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same(first: str, second: str) -> None:
    assert same_question(first, second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_not_the_same(first: str, second: str) -> None:
    assert not same_question(first, second)


@given(QUESTIONS, QUESTIONS)
def test_it_does_not_matter_which_comes_first(first: str, second: str) -> None:
    assert same_question(first, second) == same_question(second, first)


@given(QUESTIONS)
def test_a_question_is_the_same_as_itself_without_care(question: str) -> None:
    assert bool(skeleton(question).words) == same_question(question, f"  {question}  ")


@given(
    st.lists(WORDS, min_size=2, max_size=9), st.integers(0, 8), st.sampled_from(["2020", "never", "Athens", "miles"])
)
def test_another_word_is_another_question(words: list[str], place: int, other: str) -> None:
    changed = [*words[: place % len(words)], other, *words[place % len(words) + 1 :]]
    assert not same_question(" ".join(words), " ".join(changed))


@given(st.lists(WORDS, max_size=8), st.integers(0, 8), st.sampled_from(["not", "2020", "only", "Athens", "before"]))
def test_one_word_more_is_another_question(words: list[str], place: int, other: str) -> None:
    assert not same_question(" ".join(words), " ".join([*words[:place], other, *words[place:]]))


@given(
    st.lists(st.sampled_from(["Rome", "Carthage", "beat", "why", "1974", "not"]), min_size=2, max_size=6, unique=True)
)
def test_another_order_is_another_question(words: list[str]) -> None:
    assert not same_question(" ".join(words), " ".join(reversed(words)))


@given(QUESTIONS)
def test_without_care_twice_is_once(question: str) -> None:
    once = normalised(question)
    assert same_question(question, question) == same_question(question, f"{question}?") or not once


@pytest.mark.evals
def test_no_near_miss_of_the_sets_passes_and_each_rule_gives_some(evals) -> None:
    found = [pair for pair in pairs() if not pair.same and pair.half == "fitting"]
    assert {pair.rule for pair in found} == {"same passage", "name", *NEAR_MISSES}
    assert len(found) >= 500
    assert [pair for pair in found if same_question(pair.first, pair.second)] == []
