"""What every store promises of filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from basicchat.core.filters import Filter
from basicchat.core.protocols import Store
from basicchat.testing.contracts.store_values import add, make_chunks, make_document

NOON = datetime.fromisoformat("2026-03-05T12:00").timestamp()
DAY = 86_400.0

DOCUMENTS = (
    ("/data/reports/Annual 2025.pdf", "application/pdf", NOON - DAY, ("board", "draft")),
    ("/data/reports/annual_2026.pdf", "application/pdf", NOON, ("board",)),
    ("C:\\post\\offer 100%.eml", "message/rfc822", NOON + DAY, ('say "hi"', "a_b")),
    ("notes.md", "text/markdown", NOON + 2 * DAY, ()),
)

CASES = (
    (Filter(), "0123"),
    (Filter(pages=((1, 1),)), "0123"),
    (Filter(kinds=("application/pdf",)), "01"),
    (Filter(kinds=("text/markdown", "message/rfc822")), "23"),
    (Filter(since="2026-03-05"), "123"),
    (Filter(until="2026-03-05"), "01"),
    (Filter(since="2026-03-05", until="2026-03-05"), "1"),
    (Filter(tags=("board",)), "01"),
    (Filter(tags=("board", "draft")), "0"),
    (Filter(tags=("boar",)), ""),
    (Filter(tags=('say "hi"',)), "2"),
    (Filter(tags=("a_b",)), "2"),
    (Filter(tags=("a%b",)), ""),
    (Filter(files=("annual*.PDF",)), "01"),
    (Filter(files=("annual 2025.pdf",)), "0"),
    (Filter(files=("annual?2026.pdf",)), "1"),
    (Filter(files=("annual_2025.pdf",)), ""),
    (Filter(files=("nnual*",)), ""),
    (Filter(files=("reports/*",)), "01"),
    (Filter(files=("offer 100%.eml",)), "2"),
    (Filter(files=("post\\*", "notes.md")), "23"),
    (Filter(files=("copy of notes.md",)), "3"),
    (Filter(kinds=("application/pdf",), tags=("board",), since="2026-03-05"), "1"),
    (Filter(kinds=("application/pdf",), tags=("none",)), ""),
)


class StoreFiltersContract:
    """Override `store` with a fixture that gives an empty store."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    @pytest.fixture
    def filed(self, store: Store) -> Store:
        """Four documents, the last one under two names, and one in another collection."""
        for number, (source, media_type, added_at, tags) in enumerate(DOCUMENTS):
            document = make_document(number, source=source, pages=3)
            add(store, replace(document, media_type=media_type, added_at=added_at, tags=tags))
        add(store, make_document(9, collection="other", source="notes.md"))
        with store.begin() as unit:
            unit.documents.link_source("default", "copy of notes.md", [make_document(3).id])
        return store

    @pytest.mark.parametrize(("wanted", "numbers"), CASES)
    def test_which_documents_fit(self, filed: Store, wanted: Filter, numbers: str) -> None:
        with filed.begin() as unit:
            found = unit.documents.fitting("default", wanted)
        assert found == [make_document(int(number)).id for number in numbers]

    def test_other_collections_do_not_fit(self, filed: Store) -> None:
        with filed.begin() as unit:
            assert unit.documents.fitting("none", Filter()) == []
            assert unit.documents.fitting("other", Filter(files=("*.md",))) == [make_document(9, collection="other").id]

    def test_chunks_within_documents_and_pages(self, filed: Store) -> None:
        first, second = make_document(0, pages=3), make_document(1, pages=3)
        every = {chunk.id: chunk.page for each in (first, second) for chunk in make_chunks(each)}
        with filed.begin() as unit:
            within = unit.documents.chunks_within
            many = [first.id, *(f"none{n}" for n in range(1_200)), second.id]
            assert sorted(within(many)) == sorted(every)
            on_two = [chunk_id for chunk_id, page in every.items() if page == 2]
            assert sorted(within(many, pages=((2, 2),))) == sorted(on_two)
            assert sorted(within(many, pages=((1, 1), (3, 9)))) == sorted(set(every) - set(on_two))
            assert len(within(many, limit=7)) == 7
            assert within(many, limit=0) == within([]) == within([first.id], pages=((4, 9),)) == []
