from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.markdown import headings_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.types import Anchor, Heading

TEXTS = st.text(alphabet="ab \n\t\u3000", max_size=400) | st.text(max_size=200)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, st.integers(min_value=1, max_value=60))
def test_no_character_is_lost_or_doubled_but_white_space(text: str, limit: int) -> None:
    pages = pages_of(text, limit=limit)
    assert without_space("".join(page.text for page in pages)) == without_space(text)
    assert all(page.text.strip() for page in pages)
    assert all(len(page.text) <= limit for page in pages)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))


@given(TEXTS)
def test_a_short_text_is_one_page_as_it_is(text: str) -> None:
    pages = pages_of(text, limit=400)
    assert [(page.text, page.label) for page in pages] == ([(text, "")] if text.strip() else [])


@given(st.lists(st.text(alphabet="xyz ", min_size=1, max_size=40).filter(str.strip), max_size=12))
def test_every_heading_lands_on_the_page_that_holds_its_words(titles: list[str]) -> None:
    words = [f"title{number}" for number, _ in enumerate(titles)]
    text = "\n\n".join(f"# {word}\n\n{body}" for word, body in zip(words, titles, strict=True))
    pages = pages_of(text, headings_of(text), limit=60)
    found = [heading.text for page in pages for heading in page.headings]
    assert found == words
    for page in pages:
        for heading in page.headings:
            assert page.text[heading.start :].startswith(f"# {heading.text}")


@given(TEXTS, st.sets(st.integers(0, 399)), st.integers(min_value=1, max_value=60))
def test_places_stay_in_order_and_inside_their_page(text: str, starts: set[int], limit: int) -> None:
    inside = sorted(start for start in starts if start < len(text.rstrip()))
    headings = [Heading(1, str(start), start) for start in inside]
    anchors = [Anchor(start, str(start)) for start in inside]
    pages = pages_of(text, headings, anchors=anchors, limit=limit)
    assert [heading.text for page in pages for heading in page.headings] == [str(start) for start in inside]
    for page in pages:
        for places in (page.headings, page.anchors):
            found = [place.start for place in places]
            assert found == sorted(found)
            assert all(0 <= start < len(page.text) for start in found)


def test_a_page_that_begins_within_an_anchor_begins_with_it() -> None:
    text = "one two three\n\nfour five six\n\nseven eight"
    pages = pages_of(text, anchors=[Anchor(0, "cell 1"), Anchor(20, "cell 2")], limit=16)
    assert [[anchor.name for anchor in page.anchors] for page in pages] == [
        ["cell 1"],
        ["cell 1", "cell 2"],
        ["cell 2"],
    ]
    assert pages[2].anchors[0].start == 0


def test_a_long_text_is_cut_before_a_heading() -> None:
    text = "# One\n\n" + "word " * 12 + "\n\n# Two\n\n" + "word " * 12
    pages = pages_of(text, headings_of(text), limit=100)
    assert [page.label for page in pages] == ["Part 1", "Part 2"]
    assert pages[1].text.startswith("# Two")
    assert [heading.start for page in pages for heading in page.headings] == [0, 0]


def test_a_text_of_megabytes_is_cut_in_one_pass() -> None:
    pages = pages_of("word " * 1_000_000)
    assert len(pages) == 125
