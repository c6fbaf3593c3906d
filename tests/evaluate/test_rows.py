"""A row, its line and its measures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.rows import Row, measures, read_rows, write_rows

FOUND = Row("1", "How long?", ("b", "z"), True, (("twelve hours", "12 hours"),), ("a", "b"), 0.5)

words = st.text(max_size=12)
rows = st.builds(
    Row,
    id=words,
    question=words,
    gold=st.lists(words, unique=True, max_size=3).map(tuple),
    answerable=st.booleans(),
    answers=st.lists(st.lists(words, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
    ranking=st.lists(words, unique=True, max_size=5).map(tuple),
    seconds=st.floats(0, 100),
    answer=st.none() | words,
    refused=st.booleans(),
    trap=words,
    confidence=st.none() | st.floats(0, 1),
    group=words,
)


@given(st.lists(rows, min_size=1, max_size=4))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, some: list[Row]) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    write_rows(some, path)
    assert list(read_rows(path)) == some


@given(rows)
def test_measures_are_shares(row: Row) -> None:
    assert all(0 <= value <= 1 for value in measures(row).values())


def test_a_search_counts_for_rankings_alone() -> None:
    found = measures(FOUND)
    assert (found["hit@1"], found["hit@5"], found["recall@5"], found["all@5"], found["mrr@10"]) == (0, 1, 0.5, 0, 0.5)
    assert "f1" not in found
    assert measures(replace(FOUND, gold=())) == {}
    assert FOUND.ranks == (2, None)


def test_an_answer_is_judged_by_words_and_grade() -> None:
    found = measures(replace(FOUND, answer="It takes 12 hours."))
    assert found["answered"] == found["contains"] == found["right"] == 1
    assert found["wrong"] == found["exact"] == 0
    assert found["f1"] == pytest.approx(2 * 2 / (4 + 2))


def test_a_refused_question_earns_nothing_and_is_not_wrong() -> None:
    found = measures(replace(FOUND, answer="The documents do not say: 12 hours", refused=True))
    assert found["answered"] == found["contains"] == found["right"] == found["wrong"] == found["f1"] == 0


def test_what_cannot_be_answered_is_to_be_declined() -> None:
    unanswerable = replace(FOUND, answerable=False, answer="12 hours", trap="12 hours")
    assert measures(unanswerable)["declined"] == 0
    assert measures(unanswerable)["trapped"] == 1
    refused = measures(replace(unanswerable, refused=True))
    assert (refused["declined"], refused["trapped"]) == (1, 0)
    assert "f1" not in refused
    assert unanswerable.right is None


@pytest.mark.parametrize("line", ["{}", '{"id": 1}', "[]", "{", json.dumps(FOUND.as_json() | {"gold": "b"})])
def test_a_line_of_something_else_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInput):
        read_rows(path)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_rows([FOUND], tmp_path / "none" / "rows.jsonl")
