"""Questions about what a library does not hold."""

from __future__ import annotations

from basicchat.evaluate.absent import FILE, absent_questions
from basicchat.evaluate.lines import records
from basicchat.evaluate.wording import words_of


def test_there_are_forty_and_each_names_its_thing() -> None:
    found = list(records(FILE))
    assert len({record["question"] for record in found}) == len(found) == 40
    for record in found:
        stems = [thing.removesuffix("s") for thing in words_of(record["about"])]
        assert all(stem in record["question"].casefold() for stem in stems), record


def test_what_the_library_names_is_not_asked() -> None:
    every = absent_questions(set(), collection="c")
    assert len(every) == 40
    assert not any(question.answerable or question.gold for question in every)
    fewer = absent_questions({"okapis", "walrus", "unrelated"}, collection="c")
    assert {question.text for question in every} - {question.text for question in fewer} == {
        "How long does an okapi carry its young?",
        "At what age does a walrus grow its tusks?",
    }
