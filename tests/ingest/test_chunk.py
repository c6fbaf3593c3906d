from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import ChunkSize, Heading, Page
from basicchat.ingest.chunk import cut
from basicchat.ingest.tokens import TokenCounter

WORD = re.compile(r"\w+|[^\w\s]")


def words(texts: list[str]) -> list[int]:
    return [len(WORD.findall(text)) for text in texts]


def letters(texts: list[str]) -> list[int]:
    """A tokenizer without any merges: the hardest case for words without end."""
    return [sum(not letter.isspace() for letter in text) for text in texts]


def greedy(texts: list[str]) -> list[int]:
    """Whole texts have more tokens than their words together, as with tokenizers that see spaces."""
    return [len(WORD.findall(text)) + text.count(" ") for text in texts]


counts = st.sampled_from([words, letters, greedy])
sizes = st.builds(
    lambda target, overlap, extra: ChunkSize(target, overlap, target + extra),
    st.integers(1, 60),
    st.integers(0, 40),
    st.integers(0, 20),
)
prose = st.text(st.sampled_from("abcdefg ABC \n\n.!? éß李。\u3000🙂\t-0123456789\xa0"), max_size=1200)
texts = st.one_of(prose, st.text(max_size=300), st.text(st.sampled_from("abc"), min_size=100, max_size=900))


@st.composite
def pages(draw: st.DrawFn) -> list[Page]:
    made = []
    for number, text in enumerate(draw(st.lists(texts, max_size=4)), start=1):
        starts = draw(st.lists(st.integers(0, max(len(text) - 1, 0)), max_size=4, unique=True)) if text else []
        headings = tuple(Heading(draw(st.integers(1, 4)), f"h{start}", start) for start in sorted(starts))
        made.append(Page(number, text, headings))
    return made


@given(pages(), sizes, counts)
def test_chunks_are_slices_of_their_page_and_cover_it(given_pages, size, count) -> None:
    chunks = cut("doc", given_pages, size=size, count=TokenCounter(count))
    by_number = {page.number: page for page in given_pages}
    covered = {number: [False] * len(page.text) for number, page in by_number.items()}
    for chunk in chunks:
        assert chunk.text == by_number[chunk.page].text[chunk.start : chunk.end]
        assert chunk.text.strip() == chunk.text != ""
        covered[chunk.page][chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
    for number, page in by_number.items():
        assert all(seen or letter.isspace() for seen, letter in zip(covered[number], page.text, strict=True))


@given(pages(), sizes, counts)
def test_no_chunk_is_over_the_limit(given_pages, size, count) -> None:
    for chunk in cut("doc", given_pages, size=size, count=TokenCounter(count)):
        assert count([chunk.text])[0] <= size.limit or len(chunk.text) == 1


@given(pages(), sizes)
def test_order_numbers_and_identities(given_pages, size) -> None:
    chunks = cut("doc", given_pages, size=size, count=TokenCounter(words))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    places = [(chunk.page, chunk.start, chunk.end) for chunk in chunks]
    assert places == sorted(places)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert chunks == cut("doc", given_pages, size=size, count=TokenCounter(words))
    other = cut("other", given_pages, size=size, count=TokenCounter(words))
    assert not {chunk.id for chunk in chunks} & {chunk.id for chunk in other}


@given(pages(), sizes)
def test_headings_are_those_that_stand_above(given_pages, size) -> None:
    stream = [(page.number, heading) for page in given_pages for heading in page.headings]
    for chunk in cut("doc", given_pages, size=size, count=TokenCounter(words)):
        path: list[Heading] = []
        for number, heading in stream:
            if (number, heading.start) <= (chunk.page, chunk.start):
                path = [above for above in path if above.level < heading.level] + [heading]
        assert chunk.heading == tuple(heading.text for heading in path)


def one(text: str, size: ChunkSize, headings: tuple[Heading, ...] = ()) -> list[str]:
    return [c.text for c in cut("doc", [Page(1, text, headings)], size=size, count=TokenCounter(words))]


def test_cuts_between_paragraphs_rather_than_sentences() -> None:
    text = "One two three four. Five six.\n\nSeven eight nine. Ten eleven twelve thirteen."
    assert one(text, ChunkSize(11, 0, 20)) == text.split("\n\n")


def test_cuts_between_sentences_rather_than_words() -> None:
    text = "One two three four five six seven. Eight nine ten eleven twelve thirteen fourteen."
    assert one(text, ChunkSize(11, 0, 20)) == [text[:34], text[35:]]


def test_a_heading_starts_a_passage() -> None:
    text = "One two three.\nfour five six\nPart\nseven eight nine ten eleven twelve"
    heading = Heading(1, "Part", text.index("Part"))
    assert one(text, ChunkSize(10, 5, 20), (heading,))[1].startswith("Part")


def test_neighbours_share_a_little() -> None:
    first, second, *_ = one(" ".join(f"word{n}" for n in range(100)), ChunkSize(20, 5, 30))
    assert first.split()[-5:] == second.split()[:5]


def test_a_short_rest_stays_with_its_passage() -> None:
    assert len(one(" ".join(["word"] * 22), ChunkSize(20, 5, 30))) == 1
    assert len(one(" ".join(["word"] * 24), ChunkSize(20, 5, 30))) == 2


def test_a_screen_of_nothing_parts_passages() -> None:
    assert one("before" + " " * 5000 + "after", ChunkSize(20, 5, 30)) == ["before", "after"]


def test_a_page_of_blanks_gives_nothing() -> None:
    assert one(" \n\t ", ChunkSize(20, 5, 30)) == []


@pytest.mark.parametrize(("target", "overlap", "limit"), [(0, 0, 5), (6, 0, 5), (5, -1, 5)])
def test_sizes_that_make_no_sense(target: int, overlap: int, limit: int) -> None:
    with pytest.raises(ValueError, match="does not make sense"):
        ChunkSize(target, overlap, limit)


@pytest.mark.models
def test_the_real_tokenizer_never_exceeds_the_limit(model_file) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_file("bge-small-en-v1.5-int8") / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(pieces):
        return [len(each.ids) for each in tokenizer.encode_batch(list(pieces), add_special_tokens=False)]

    text = "supercalifragilistic" * 200 + " 你好世界。" * 300 + "x1-" * 900 + "🙂" * 300 + " plain words here." * 300
    size = ChunkSize(100, 20, 110)
    chunks = cut("doc", [Page(1, text)], size=size, count=TokenCounter(count))
    assert max(count([chunk.text for chunk in chunks])) <= size.limit
