from __future__ import annotations

from dataclasses import replace

from basicchat.core.types import Heading, LoadedDocument, Page
from basicchat.ingest.clean import clean_document
from basicchat.ingest.identity import chunk_id, document_id, record_digest


def test_identities_differ_where_anything_differs() -> None:
    ids = {
        document_id("a", "d"),
        document_id("b", "d"),
        document_id("a", "e"),
        document_id("a", "d", external_id="1"),
        document_id("a", "d", external_id=""),
        chunk_id("a", page=1, start=2, end=3, text="x"),
        chunk_id("a", page=1, start=23, end=3, text="x"),
        chunk_id("a", page=12, start=3, end=3, text="x"),
    }
    assert len(ids) == 8
    assert all(len(identity) == 32 for identity in ids)


def test_a_record_is_the_same_whatever_the_order_of_its_fields() -> None:
    record = LoadedDocument("t", (Page(1, "x"),), "application/jsonl", "1", {"a": 1, "b": 2})
    assert record_digest(record) == record_digest(replace(record, metadata={"b": 2, "a": 1}))
    assert record_digest(record) != record_digest(replace(record, metadata={"b": 2}))


def test_cleaning_never_moves_offsets() -> None:
    page = Page(1, "a\0b\ud800c", (Heading(1, "late", 4), Heading(2, "early", 0), Heading(1, "outside", 99)))
    cleaned = clean_document(LoadedDocument(" a\0 title ", (page,), "text/plain"))
    assert cleaned.title == "a title"
    assert cleaned.pages[0].text == "a b\ufffdc"
    assert [heading.text for heading in cleaned.pages[0].headings] == ["early", "late"]
