from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.filters import Filter
from basicchat.core.types import Scope
from basicchat.ingest import formats
from basicchat.service.filtering import checked, filter_of, media_types, page_range
from basicchat.testing.contracts.store_values import add, make_document
from basicchat.testing.store import MemoryStore


def test_words_become_a_filter():
    found = filter_of(files=[" a.pdf "], kinds=["PDF", ".docx", "text/html"], since="2026-01-01", pages=["3-9", "12"])
    kinds = (formats.PDF, formats.DOCX, formats.HTML)
    assert found == Filter(files=("a.pdf",), kinds=kinds, since="2026-01-01", pages=((3, 9), (12, 12)))
    assert not filter_of()


def test_every_ending_is_a_kind():
    for media_type, endings in formats.ENDINGS.items():
        assert all(media_type in media_types(ending) for ending in endings if ending != ".text")
    assert formats.OUTLOOK in media_types("mail")


@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        ({"kinds": ["spaceship"]}, "no kind spaceship", "pdf"),
        ({"since": "31.3.2026"}, "31.3.2026 (from) is not a day", "2026-03-31"),
        ({"until": "2026-02-30"}, "2026-02-30 (to) is not a day", "2026-03-31"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "after the last one", "Change"),
        ({"pages": ["0"]}, "no pages 0", "3-9"),
        ({"pages": ["9-3"]}, "no pages 9-3", "3-9"),
        ({"pages": ["two"]}, "no pages two", "3-9"),
        ({"tags": [" "]}, "needs a name", ""),
    ],
)
def test_nonsense_is_told(given, said, hint):
    with pytest.raises(InvalidInput) as raised:
        filter_of(**given)
    assert said in str(raised.value)
    assert hint in raised.value.hint


def test_pages():
    assert page_range("7") == (7, 7)
    assert page_range(" 3-9 ") == (3, 9)


@pytest.fixture
def unit():
    store = MemoryStore()
    add(store, make_document(1, source="/data/ferry.md"))
    add(store, make_document(2, source="C:\\data\\bread.md"))
    with store.begin() as unit:
        yield unit


def test_unknown_tags_and_files_are_told_with_those_there_are(unit):
    with pytest.raises(InvalidInput, match="tag drafts") as raised:
        checked(Filter(tags=("drafts",)), Scope(), unit)
    assert raised.value.hint == "Tags are draft, ..."
    with pytest.raises(InvalidInput, match="called fery") as raised:
        checked(Filter(files=("fery.md",)), Scope(), unit)
    assert raised.value.hint == "Files are ferry.md, ..."


def test_what_nothing_fits_is_told(unit):
    assert checked(Filter(tags=("draft",)), Scope(), unit) == Scope(document_ids=(make_document(1).id,))
    with pytest.raises(NotFound):
        checked(Filter(tags=("draft",), files=("bread.md",)), Scope(), unit)
    with pytest.raises(NotFound):
        checked(Filter(pages=((8, 9),)), Scope(), unit)
