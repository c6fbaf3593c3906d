"""Neighbours become one passage."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit, Page
from basicchat.retrieve.expand import merge

DOCUMENT = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)
TEXT = "One two three. Four five six.\n\nSeven eight nine. Ten eleven."
PAGE = Page(1, TEXT)
PAGES = {("d", 1): PAGE}


def chunk(start: int, end: int, ordinal: int = 0) -> Chunk:
    return Chunk(f"c{start:03}-{end:03}", "d", ordinal, 1, start, end, TEXT[start:end])


def hit(start: int, end: int, score: float = 1.0) -> Hit:
    return Hit(chunk(start, end), DOCUMENT, score)


def test_chunks_that_touch_or_overlap_become_one() -> None:
    (passage,) = merge([hit(15, 29, 0.9), hit(0, 20, 0.5), hit(31, 48, 0.4)], pages=PAGES)
    assert passage.text == TEXT[0:48]
    assert passage.score == 0.9
    assert len(passage.chunk_ids) == 3


def test_chunks_with_text_between_them_stay_apart_in_order_of_rank() -> None:
    passages = merge([hit(49, 60), hit(0, 14)], pages=PAGES)
    assert [passage.text for passage in passages] == ["Ten eleven.", "One two three."]


def test_neighbours_widen_a_passage_and_can_join_two() -> None:
    neighbours = {hit(0, 14).chunk.id: [chunk(15, 29)]}
    (passage,) = merge([hit(0, 14), hit(31, 48)], pages=PAGES, neighbours=neighbours)
    assert passage.text == TEXT[0:48]


def test_an_edited_chunk_is_a_passage_of_its_own_with_its_text() -> None:
    edited = replace(chunk(15, 29), text="Four or so.", edited=True)
    neighbours = {edited.id: [chunk(0, 14), chunk(31, 48)]}
    (passage,) = merge([Hit(edited, DOCUMENT, 1.0)], pages=PAGES, neighbours=neighbours)
    assert (passage.text, passage.start, passage.end) == ("Four or so.", 15, 29)
    first, second, third = merge([hit(0, 14), Hit(edited, DOCUMENT, 0.9), hit(31, 48)], pages=PAGES)
    assert [first.text, second.text, third.text] == [TEXT[0:14], "Four or so.", TEXT[31:48]]


def test_hits_on_pages_that_are_gone_are_left_out() -> None:
    assert merge([hit(0, 14)], pages={}) == []


spans = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)).map(
    lambda pair: (pair[0], min(pair[0] + pair[1], len(TEXT)))
)


@given(st.lists(spans, max_size=6))
def test_every_passage_is_a_slice_of_its_page_and_none_overlap(given_spans: list[tuple[int, int]]) -> None:
    passages = merge([hit(*span) for span in given_spans], pages=PAGES)
    for passage in passages:
        assert passage.text == TEXT[passage.start : passage.end]
    covered = {place for start, end in given_spans for place in range(start, end) if TEXT[place].strip()}
    held = [place for passage in passages for place in range(passage.start, passage.end) if TEXT[place].strip()]
    assert sorted(held) == sorted(covered)
