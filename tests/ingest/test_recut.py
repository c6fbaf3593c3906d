from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.adapters.load import default_loaders
from basicchat.core.types import ChunkSize, FileStatus, Page
from basicchat.ingest.chunk import NATURAL, cut
from basicchat.ingest.recut import Version, recut

SIZE = ChunkSize(target=40, overlap=8, limit=60)
WORDS = ("harbour", "lighthouse", "ferry", "island", "captain", "storm", "rope", "sail", "tide", "anchor")


def count(texts):
    return [len(text.split()) for text in texts]


def paragraph(number: int, length: int = 25) -> str:
    chance = random.Random(number)  # noqa: S311 - the same words every time
    return f"Paragraph {number} says: " + " ".join(chance.choice(WORDS) for _ in range(length)) + "."


def paragraphs(total: int = 200) -> list[str]:
    return [paragraph(number) for number in range(total)]


def embedded(bench) -> list[str]:
    texts = [text for batch in bench.embedder.batches for text in batch]
    bench.embedder.batches.clear()
    return texts


@pytest.mark.parametrize("name", ["report.md", "report.txt"])
@pytest.mark.parametrize("changed", [0, 1, 99, 198, 199])
def test_one_changed_paragraph_embeds_only_the_passages_it_touches(make_bench, name: str, changed: int) -> None:
    bench = make_bench(loaders=default_loaders(), chunk_tokens=64, chunk_overlap=12)
    text = paragraphs()
    path = bench.write(name, "\n\n".join(text))
    bench.ingest()
    whole = len(embedded(bench))
    text[changed] = text[changed].replace("says", "SAYS NOW")
    path.write_text("\n\n".join(text))
    (outcome,) = bench.ingest()
    again = embedded(bench)
    assert outcome.status is FileStatus.DONE
    assert whole > 60
    assert 1 <= len(again) <= 3
    with bench.store.begin() as unit:
        chunks = unit.documents.chunks(outcome.document_id)
        page = unit.documents.pages(outcome.document_id)[0]
    start = page.text.index("SAYS NOW")
    first, last = page.text.rindex("\n", 0, start) if changed else 0, page.text.find("\n", start)
    touched = [c.text for c in chunks if c.end > first and (last < 0 or c.start < last)]
    assert {text.split("\n", 1)[1] for text in again} <= set(touched)
    bench.assert_consistent()


def test_a_new_page_embeds_only_its_own_passages(bench) -> None:
    pages = ["\n\n".join(paragraphs()[start : start + 10]) for start in range(0, 100, 10)]
    path = bench.write("book.txt", "\f".join(pages))
    bench.ingest()
    embedded(bench)
    pages.insert(3, "\n\n".join(paragraph(number) for number in range(500, 506)))
    path.write_text("\f".join(pages))
    bench.ingest()
    again = embedded(bench)
    assert again
    assert all(any(f"Paragraph {number} " in text for number in range(500, 506)) for text in again)
    bench.assert_consistent()


def test_a_page_moved_to_the_front_is_not_lost(bench) -> None:
    pages = ["\n\n".join(paragraphs()[start : start + 10]) for start in range(0, 60, 10)]
    path = bench.write("book.txt", "\f".join(pages))
    bench.ingest()
    path.write_text("\f".join([pages[-1], *pages[:-1]]))
    bench.ingest()
    assert bench.found("Paragraph") == {"book"}
    bench.assert_consistent()


def test_changes_far_apart_leave_what_is_between_alone(bench) -> None:
    text = paragraphs()
    path = bench.write("a.txt", "\n\n".join(text))
    bench.ingest()
    whole = len(embedded(bench))
    for changed in (3, 100, 190):
        text[changed] = paragraph(1000 + changed)
    path.write_text("\n\n".join(text))
    bench.ingest()
    assert len(embedded(bench)) <= 12 < whole


def test_a_renamed_heading_embeds_what_stands_under_it(bench) -> None:
    text = [f"# Part {part}\n" + "\n\n".join(paragraphs()[part * 10 : part * 10 + 10]) for part in range(6)]
    path = bench.write("a.txt", "\n\n".join(text))
    bench.ingest()
    embedded(bench)
    text[2] = text[2].replace("Part 2", "Section 2")
    path.write_text("\n\n".join(text))
    bench.ingest()
    again = embedded(bench)
    assert again
    assert all("Section 2" in each for each in again)


LINES = st.lists(st.sampled_from(["", "", *(paragraph(number, 12) for number in range(12))]), max_size=40)
PAGES = st.lists(LINES, min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(before=PAGES, after=PAGES)
def test_what_is_promised_of_chunks_holds_after_any_change(before, after) -> None:
    old = [Page(number, "\n".join(lines)) for number, lines in enumerate(before, 1)]
    new = [Page(number, "\n".join(lines)) for number, lines in enumerate(after, 1)]
    version = Version(old, cut("old", old, size=SIZE, count=count))
    chunks = recut("new", new, version, size=SIZE, count=count, splitter=NATURAL)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    for page in new:
        own = [chunk for chunk in chunks if chunk.page == page.number]
        covered = set()
        for chunk in own:
            assert chunk.text == page.text[chunk.start : chunk.end] == chunk.text.strip()
            assert count([chunk.text])[0] <= SIZE.limit
            covered.update(range(chunk.start, chunk.end))
        assert all(place in covered or letter.isspace() for place, letter in enumerate(page.text))
        assert [chunk.start for chunk in own] == sorted(chunk.start for chunk in own)


@settings(max_examples=50, deadline=None)
@given(pages=PAGES)
def test_nothing_changed_is_nothing_cut_again(pages) -> None:
    same = [Page(number, "\n".join(lines)) for number, lines in enumerate(pages, 1)]
    before = cut("one", same, size=SIZE, count=count)
    after = recut("one", same, Version(same, before), size=SIZE, count=count, splitter=NATURAL)
    assert after == before


def test_a_long_text_of_several_parts_shifts_without_much_ado(make_bench, tmp_path: Path) -> None:
    bench = make_bench(loaders=default_loaders(), chunk_tokens=64, chunk_overlap=12)
    text = paragraphs(900)
    path = bench.write("long.txt", "\n\n".join(text))
    bench.ingest()
    whole = len(embedded(bench))
    text.insert(5, paragraph(5000))
    path.write_text("\n\n".join(text))
    (outcome,) = bench.ingest()
    assert outcome.pages > 1
    assert len(embedded(bench)) <= 3 + 4 * outcome.pages < whole
    bench.assert_consistent()


def test_a_corrected_passage_stays_corrected_when_the_file_changes_elsewhere(bench) -> None:
    text = paragraphs(60)
    path = bench.write("a.txt", "\n\n".join(text))
    (outcome,) = bench.ingest()
    with bench.store.begin() as unit:
        chunk = unit.documents.chunks(outcome.document_id)[0]
        unit.documents.edit_chunk(chunk.id, "The corrected lighthouse.", at=1.0)
    text[50] = paragraph(5000)
    path.write_text("\n\n".join(text))
    (outcome,) = bench.ingest()
    with bench.store.begin() as unit:
        first = unit.documents.chunks(outcome.document_id)[0]
    assert (first.text, first.edited) == ("The corrected lighthouse.", True)
    assert bench.found("corrected") == {"a"}
