"""What every splitter promises."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basicchat.core.protocols import Count, Splitter
from basicchat.core.types import ChunkSize

_WORD = re.compile(r"\w+|[^\w\s]")


def words(texts: Sequence[str]) -> list[int]:
    """A token a word or mark."""
    return [len(_WORD.findall(text)) for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    """A tokenizer without any merges: the hardest case for words without end."""
    return [sum(not letter.isspace() for letter in text) for text in texts]


def greedy(texts: Sequence[str]) -> list[int]:
    """Whole texts have more tokens than their words together, as with tokenizers that see spaces."""
    return [len(_WORD.findall(text)) + text.count(" ") for text in texts]


def wide(texts: Sequence[str]) -> list[int]:
    """Two tokens for every character: one alone may be over the limit."""
    return [2 * len(text) for text in texts]


PROSE = "abcdefg ABC \n\n.!? \u00e9\u00df\u674e\u3002\u3000\U0001f642\t-0123456789\xa0"
COUNTS = st.sampled_from([words, letters, greedy, wide])
SIZES = st.builds(
    lambda target, overlap, extra: ChunkSize(target, overlap, target + extra),
    st.integers(1, 60),
    st.integers(0, 80),
    st.integers(0, 20),
)
TEXTS = st.one_of(
    st.text(st.sampled_from(PROSE), max_size=1200),
    st.text(max_size=300),
    st.text(st.sampled_from("abc"), min_size=100, max_size=900),
    st.lists(st.sampled_from(["the same", "words", "again.", "\n\n", "\n"]), max_size=200).map(" ".join),
)
HEADINGS = st.sets(st.integers(0, 200), max_size=4).map(sorted)

lent = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)
"""A splitter keeps nothing, so that all examples may share the fixture."""


class SplitterContract:
    """Override `splitter` with a fixture."""

    @pytest.fixture
    def splitter(self) -> Splitter:
        raise NotImplementedError

    @lent
    @given(TEXTS, HEADINGS, SIZES, COUNTS)
    def test_every_character_that_is_not_a_space_is_in_a_span(
        self, splitter: Splitter, text: str, headings: list[int], size: ChunkSize, count: Count
    ) -> None:
        covered = [letter.isspace() for letter in text]
        for start, end in splitter.split(text, headings=headings, size=size, count=count):
            assert 0 <= start < end <= len(text)
            covered[start:end] = [True] * (end - start)
        assert all(covered)

    @lent
    @given(TEXTS, HEADINGS, SIZES, COUNTS)
    def test_no_span_is_over_the_limit(
        self, splitter: Splitter, text: str, headings: list[int], size: ChunkSize, count: Count
    ) -> None:
        for start, end in splitter.split(text, headings=headings, size=size, count=count):
            assert count([text[start:end]])[0] <= size.limit or end - start == 1

    @lent
    @given(TEXTS, HEADINGS, SIZES, COUNTS)
    def test_spans_are_in_order_each_once_without_spaces_at_their_ends(
        self, splitter: Splitter, text: str, headings: list[int], size: ChunkSize, count: Count
    ) -> None:
        spans = splitter.split(text, headings=headings, size=size, count=count)
        assert spans == sorted(set(spans))
        assert all(text[start:end].strip() == text[start:end] for start, end in spans)

    @lent
    @given(TEXTS, HEADINGS, SIZES, COUNTS)
    def test_the_same_input_gives_the_same_spans(
        self, splitter: Splitter, text: str, headings: list[int], size: ChunkSize, count: Count
    ) -> None:
        first, second = (splitter.split(text, headings=headings, size=size, count=count) for _ in range(2))
        assert first == second

    def test_nothing_gives_nothing(self, splitter: Splitter) -> None:
        assert splitter.split("", size=ChunkSize(20, 5, 30), count=words) == []
        assert splitter.split(" \n\t ", size=ChunkSize(20, 5, 30), count=words) == []

    def test_what_fits_stays_whole(self, splitter: Splitter) -> None:
        assert splitter.split("  One short passage.\n", size=ChunkSize(20, 5, 30), count=words) == [(2, 20)]

    def test_passages_are_about_as_long_as_asked(self, splitter: Splitter) -> None:
        text = " ".join(f"word{number}" for number in range(400))
        spans = splitter.split(text, size=ChunkSize(20, 0, 30), count=words)
        assert 400 / 30 <= len(spans) <= 400 / 10

    def test_neighbours_share_a_little(self, splitter: Splitter) -> None:
        text = " ".join(f"word{number}" for number in range(100))
        (_, end), (start, _), *_ = splitter.split(text, size=ChunkSize(20, 5, 30), count=words)
        assert 3 <= words([text[start:end]])[0] <= 5

    def test_cuts_between_paragraphs_where_it_can(self, splitter: Splitter) -> None:
        text = "One two three four. Five six.\n\nSeven eight nine. Ten eleven twelve thirteen."
        spans = splitter.split(text, size=ChunkSize(11, 0, 20), count=words)
        assert [text[start:end] for start, end in spans] == text.split("\n\n")
