from __future__ import annotations

from dataclasses import replace

from basicchat.core.spans import on_page, within
from basicchat.core.types import Document, Passage


def words(texts):
    return [len(text.split()) for text in texts]


def test_what_fits_stays_in_order_and_once() -> None:
    assert within(2, "one two three", [(4, 13), (0, 7), (4, 13)], count=words) == [(0, 7), (4, 13)]


def test_what_is_too_long_is_halved_at_spaces() -> None:
    text = "one two  three four"
    spans = within(1, text, [(0, len(text))], count=words)
    assert [text[start:end] for start, end in spans] == ["one", "two", "three", "four"]


def test_words_without_end_are_cut_and_single_characters_stay() -> None:
    assert within(2, "abcd", [(0, 4)], count=lambda texts: [len(text) for text in texts]) == [(0, 2), (2, 4)]
    assert within(1, "ab", [(0, 2)], count=lambda texts: [9 for _ in texts]) == [(0, 1), (1, 2)]


def test_no_spans_are_no_spans() -> None:
    assert within(5, "", [], count=words) == []


def test_places_of_an_edited_passage_are_all_of_it() -> None:
    document = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)
    passage = Passage(1, document, page=2, start=10, end=20, text="0123456789", chunk_ids=("c",), score=1.0)
    assert on_page(passage, 2, 4) == (12, 14)
    assert on_page(replace(passage, text="longer than it was"), 12, 18) == (10, 20)
