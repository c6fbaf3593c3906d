"""Which tools questions are offered."""

from __future__ import annotations

import pytest

from basicchat.reason.offer import MOST, named, names_a_tool, offer

CSV = ("text/csv",)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is 17% of 2340?", "calculator"),
        ("What are 3 boxes of 12 pens altogether?", "calculator"),
        ("By how many percent did revenue grow?", "calculator"),
        ("How far is 5 km in miles?", "units"),
        ("Convert 20 °C to °F", "units"),
        ("What weekday is 2026-03-01?", "clock"),
        ("How many days until 2027-01-01?", "clock"),
        ("Read https://example.org/a and tell me who wrote it.", "web_page"),
        ("Search the web for the harbour.", "web_search"),
        ("Save a summary in the file notes.md", "write_file"),
        ("When was the Colosseum finished?", "documents"),
        ("What happened in 1999?", "documents"),
    ],
)
def test_signals(question: str, first: str) -> None:
    assert offer(question).names[0] == first


def test_tables_are_asked_only_where_there_are_any() -> None:
    assert offer("Which city sold most?", CSV).names[0] == "table_sql"
    assert "table_sql" not in offer("Which city sold most?", ("application/pdf",)).names
    assert "table_sql" not in offer("Who signed it?", CSV).names


@pytest.mark.parametrize("question", ["When was it built?", "Revenue in 2019 and 2020?", "By how many percent?"])
def test_what_only_documents_can_answer_is_left_to_them(question: str) -> None:
    assert not offer(question).alone


def test_what_a_question_cannot_do_without_is_not_left_to_the_model() -> None:
    assert offer("What is 17% of 2340?").first == "calculator"
    assert offer("How many did it hold, times 3?").first == "calculator"
    assert offer("Which city sold most?", CSV).first == "table_sql"
    assert offer("Read https://example.org/a").first == ""
    assert offer("By how many percent did revenue grow?").first == ""
    assert offer("How many people live in the 3 towns?").first == ""


def test_a_few_at_most_and_the_search_of_documents_last() -> None:
    names = offer("Convert 5 km to miles and 3 + 4, what day is today, on the web, https://a.example", CSV).names
    assert len(names) == MOST
    assert names[-1] == "documents"


def test_a_tool_is_offered_when_it_is_called_by_name() -> None:
    names = ("data", "python", "web_search", "word_count")
    assert named("Use python to sort these", names) == ("python",)
    assert named("Ask the word_count what this has", names) == ("word_count",)
    assert named("with my word count tool", names) == ("word_count",)
    assert named("What does the data say about python?", names) == ()
    assert names_a_tool("Use python")
    assert not names_a_tool("Who signed the lease?")
