"""What a conversation is about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Message
from basicchat.reason.rewrite.topics import Turn, phrases, topics, turns


def named(*said: Turn, recency: float = 0.7, answered: float = 1.0) -> list[str]:
    return [topic.phrase.text for topic in topics(said, recency=recency, answered=answered, longer=0.3)]


def test_phrases_are_runs_of_content_words_and_the_names_in_them() -> None:
    found = [(phrase.text, phrase.name) for phrase in phrases("How do I install the mobile SDK on version 6.15.0?")]
    assert found == [
        ("SDK", True),
        ("install the mobile SDK", False),
        ("6.15.0", True),
        ("version 6.15.0", False),
    ]


def test_a_capital_that_begins_a_sentence_is_no_name() -> None:
    assert [phrase for phrase in phrases("Rivers flood. Bridges close.") if phrase.name] == []
    assert [phrase.text for phrase in phrases("Where does the Quit India Movement end?") if phrase.name] == [
        "Quit India Movement"
    ]


def test_a_quotation_is_a_phrase_word_for_word() -> None:
    assert next(phrases('Why do I get "could not place order"?')).text == "could not place order"


@given(st.text(max_size=200))
def test_every_phrase_stands_in_its_text(text: str) -> None:
    for phrase in phrases(text):
        assert phrase.text in text
        assert phrase.text.strip()


def test_what_was_asked_last_counts_most() -> None:
    assert named(Turn("Where does the penobscot river start?"), Turn("Who are the arizona cardinals?")) == [
        "arizona cardinals",
        "penobscot river",
    ]


def test_what_an_answer_takes_up_counts_more() -> None:
    assert named(Turn("Is hay or pepper better?", "Pepper is."))[0] == "pepper"


def test_numbers_alone_are_no_topic() -> None:
    assert named(Turn("Which bridges closed in 1996?")) == ["bridges closed"]


def test_turns_join_what_was_answered_to_a_question() -> None:
    history = [
        Message("assistant", "Hello."),
        Message("user", "Why?"),
        Message("assistant", "So."),
        Message("user", "?"),
    ]
    assert turns(history) == [Turn("Why?", "So."), Turn("?")]
