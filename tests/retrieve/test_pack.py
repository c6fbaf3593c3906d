"""Packing: never over the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Document, Passage
from basicchat.retrieve.pack import pack

DOCUMENT = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)


def passage(text: str, start: int = 0) -> Passage:
    return Passage(0, DOCUMENT, 1, start, start + len(text), text, ("c",), 1.0)


def words(text: str) -> int:
    return len(text.split())


texts = st.lists(st.text(alphabet="ab .\n", max_size=400), max_size=8)


@given(texts, st.integers(-5, 120))
def test_never_over_the_budget(given_texts: list[str], budget: int) -> None:
    taken = pack([passage(text) for text in given_texts], budget=budget, count=words)
    assert sum(words(one.text) for one in taken) <= max(budget, 0)
    assert [one.number for one in taken] == list(range(1, len(taken) + 1))


@given(texts, st.integers(0, 300), st.integers(0, 10**6))
def test_never_over_the_budget_even_when_the_counter_is_erratic(given_texts: list[str], budget: int, salt: int) -> None:
    def erratic(text: str) -> int:
        return (len(text) * 7919 + salt) % 97

    taken = pack([passage(text) for text in given_texts], budget=budget, count=erratic)
    assert sum(erratic(one.text) for one in taken) <= budget


@given(st.text(alphabet="abc. \n", min_size=1, max_size=600), st.integers(0, 60))
def test_a_cut_passage_is_a_beginning_and_its_offsets_say_so(text: str, budget: int) -> None:
    for one in pack([passage(text, start=7)], budget=budget, count=words):
        assert text.startswith(one.text)
        assert (one.start, one.end) == (7, 7 + len(one.text))


def test_the_first_passage_is_cut_at_a_sentence() -> None:
    sentence = "This sentence has eighty characters or a few more so that it is worth a number of its own."
    (one,) = pack([passage(f"{sentence} Another one.")], budget=19, count=words)
    assert one.text == sentence


def test_one_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    taken = pack([passage("a b"), passage("a b c d e"), passage("c")], budget=3, count=words)
    assert [one.text for one in taken] == ["a b", "c"]
