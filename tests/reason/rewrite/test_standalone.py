"""Follow-ups that become questions of their own by rules."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Message
from basicchat.reason.rewrite.standalone import Rules, stand_alone

TOWER = [Message("user", "How tall is the Eiffel Tower?"), Message("assistant", "The Eiffel Tower is 330 metres [1].")]
RELEASE = [
    Message("user", "What changed in “Harbour Desk” version 6.15.0?"),
    Message("assistant", "Harbour Desk got scheduling [1]."),
]
MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["user", "assistant", "system"]), st.text(max_size=60)), max_size=6
)


@pytest.mark.parametrize("question", ["And who built it?", "Why?", "What about the weight of its frame?", "any lifts"])
def test_a_question_that_leans_gets_the_topic_behind_it(question: str) -> None:
    assert stand_alone(question, TOWER) == f"{question} Eiffel Tower"


@pytest.mark.parametrize(
    "question",
    [
        "Where does the Colosseum in Rome stand?",
        "What about the Louvre?",
        "Which iron works delivered the girders that hold it?",
        "How many lifts carry visitors daily?",
    ],
)
def test_a_question_that_stands_or_changes_the_subject_is_left_alone(question: str) -> None:
    assert stand_alone(question, TOWER) == question


def test_no_word_of_the_question_is_said_twice() -> None:
    history = [Message("user", "Was the harbour closed?"), Message("user", "Why is the Eiffel Tower closed?")]
    assert stand_alone("And the tower?", history) == "And the tower? harbour closed"


def test_without_a_conversation_nothing_is_added() -> None:
    assert stand_alone("Why?", []) == "Why?"
    assert stand_alone("Why?", [Message("assistant", "Hello.")]) == "Why?"


def test_names_numbers_and_quotations_survive_letter_by_letter() -> None:
    assert stand_alone("How do I get it?", RELEASE) == "How do I get it? Harbour Desk"
    assert stand_alone("And how?", [Message("user", "How do I install release 6.15.0-rc2?")]).endswith("6.15.0-rc2")


def test_the_latest_subject_is_taken_unless_an_older_one_is_spoken_of_more() -> None:
    history = [*TOWER, Message("user", "Where is the Louvre?"), Message("assistant", "The Louvre is in Paris [1].")]
    assert stand_alone("Why?", history) == "Why? Louvre"
    assert stand_alone("Why?", [*history, Message("user", "Is the Eiffel Tower near?")]) == "Why? Eiffel Tower"


@given(st.text(max_size=80), MESSAGES)
def test_the_users_words_are_kept_and_what_is_added_was_said(question: str, history: list[Message]) -> None:
    found = stand_alone(question, history)
    assert found.startswith(question.strip())
    added = found[len(question.strip()) :].strip()
    assert any(added in message.content for message in history if message.role == "user") or not added


@pytest.mark.parametrize(
    ("rules", "question"),
    [
        (Rules(continuations=False), "any lifts carrying guests"),
        (Rules(pronouns=-1), "Did visitors like its wooden platforms?"),
        (Rules(few=-1), "platforms"),
    ],
)
def test_each_rule_can_be_turned_off(rules: Rules, question: str) -> None:
    assert stand_alone(question, TOWER) == f"{question} Eiffel Tower"
    assert stand_alone(question, TOWER, rules=rules) == question


def test_new_names_can_count_for_nothing() -> None:
    assert stand_alone("Is Rome far?", TOWER) == "Is Rome far?"
    assert stand_alone("Is it in Rome?", TOWER, rules=Rules(new_names=False)) == "Is it in Rome? Eiffel Tower"


def test_most_questions_that_people_left_as_they_were_are_left(evals: Path) -> None:
    """The 64 turns of MTRAG that a person did not change at all although something came before: 48 are."""
    rows = []
    for name in ("clapnq", "cloud"):
        with gzip.open(evals / "mtrag" / f"rewrite_{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines]
    same = [row for row in rows if len(row["history"]) > 1 and row["human_rewrite"].strip() == row["last_turn"].strip()]
    kept = [
        row
        for row in same
        if stand_alone(row["last_turn"], [Message("user", turn) for turn in row["history"][:-1]])
        == row["last_turn"].strip()
    ]
    assert len(kept) >= 0.7 * len(same), (len(kept), len(same))
