"""What every store promises of removals, entries, tags, corrected passages and watched folders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from basicchat.core.errors import NotFound
from basicchat.core.protocols import Store
from basicchat.core.types import (
    ChunkVersion,
    Entry,
    FileState,
    FileStatus,
    WatchedFolder,
)
from basicchat.testing.contracts.store_values import (
    add,
    make_chunks,
    make_document,
)


class StoreCareContract:
    """A part of `StoreContract`, which gives the store."""

    def test_a_removal_is_remembered_until_it_is_finished(self, store: Store) -> None:
        one, two = make_document(1), make_document(2, collection="other")
        add(store, one, two)
        with store.begin() as unit:
            unit.documents.remove(two.id)
            unit.documents.remove(one.id)
            unit.documents.remove(one.id)
        with store.begin() as unit:
            found = {removal.document_id: removal for removal in unit.documents.removals()}
            assert set(found) == {one.id, two.id}
            assert (found[two.id].collection, found[two.id].stored_as) == ("other", two.stored_as)
            assert unit.documents.tables(one.id) == []
            assert unit.documents.with_tables() == set()
            unit.documents.finish_removal(two.id)
        add(store, one)
        with store.begin() as unit:
            assert [removal.document_id for removal in unit.documents.removals()] == [one.id]
            unit.documents.remove(one.id)
            assert [removal.document_id for removal in unit.documents.removals()] == [one.id]

    def test_a_removal_that_fails_leaves_no_trace(self, store: Store) -> None:
        document = make_document(1)
        add(store, document)

        def fail_after_removal() -> None:
            with store.begin() as unit:
                unit.documents.remove(document.id)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_removal()
        with store.begin() as unit:
            assert unit.documents.find() == [document]
            assert unit.documents.removals() == []

    def test_every_source_of_a_document_is_an_entry(self, store: Store) -> None:
        one, two, other = make_document(1, source="b.pdf"), make_document(2), make_document(3, collection="other")
        add(store, one, two, other)
        with store.begin() as unit:
            unit.documents.link_source("default", "a.pdf", [one.id])
        with store.begin() as unit:
            expected = [Entry(two, two.source), Entry(one, "a.pdf"), Entry(one, "b.pdf")]
            assert unit.documents.entries("default") == expected
            assert unit.documents.entries() == [Entry(other, other.source), *expected]

    def test_tags(self, store: Store) -> None:
        one, two = make_document(1), make_document(2)
        add(store, one, two)
        with store.begin() as unit:
            unit.documents.set_tags(two.id, ["tax", "draft", "tax"])
            assert unit.documents.tags() == {"draft": 2, "Ünal": 1, "tax": 1}
            unit.documents.set_tags(one.id, [])
        with store.begin() as unit:
            assert unit.documents.find() == [replace(two, tags=("tax", "draft")), replace(one, tags=())]
            assert unit.documents.tags() == {"tax": 1, "draft": 1}
        with pytest.raises(NotFound), store.begin() as unit:
            unit.documents.set_tags("none", ["tax"])

    def test_an_edited_chunk_keeps_what_it_was(self, store: Store) -> None:
        document = make_document(1)
        add(store, document)
        first, second = make_chunks(document)
        with store.begin() as unit:
            assert unit.documents.edit_chunk(first.id, first.text, at=5.0) == first
            assert unit.documents.edit_chunk(first.id, "Better.", at=5.0) == replace(first, text="Better.", edited=True)
            unit.documents.edit_chunk(first.id, "Best.", at=6.0)
        with store.begin() as unit:
            best = replace(first, text="Best.", edited=True)
            assert unit.documents.chunks(document.id) == [best, second]
            assert unit.documents.chunks_by_id([first.id]) == {first.id: best}
            assert unit.documents.edited_chunks("default") == [best]
            assert unit.documents.edited_chunks("other") == []
            assert unit.documents.edit_chunk(first.id, first.text, at=7.0) == first
            assert unit.documents.chunk_history(first.id) == [
                ChunkVersion(0, first.text, document.added_at),
                ChunkVersion(1, "Better.", 5.0),
                ChunkVersion(2, "Best.", 6.0),
                ChunkVersion(3, first.text, 7.0),
            ]
            assert unit.documents.edited_chunks("default") == []
            history = {first.id: unit.documents.chunk_history(first.id)}
            assert unit.documents.edit_histories(document.id) == history
            assert unit.documents.edit_histories("none") == {}
            assert unit.documents.chunk_history(second.id) == [ChunkVersion(0, second.text, document.added_at)]
            unit.documents.remove(document.id)
        add(store, document)
        with store.begin() as unit:
            assert len(unit.documents.chunk_history(first.id)) == 1

    def test_an_unknown_chunk_is_not_edited(self, store: Store) -> None:
        with pytest.raises(NotFound), store.begin() as unit:
            unit.documents.edit_chunk("none", "text", at=1.0)
        with pytest.raises(NotFound), store.begin() as unit:
            unit.documents.chunk_history("none")

    def test_watched_folders_and_their_files(self, store: Store) -> None:
        docs = WatchedFolder("f1", "/home/docs", "default", ("*.tmp", "old/"), 1.0)
        art = WatchedFolder("f2", "/home/art", "art", (), 2.0, synced_at=3.0, paused=True)
        states = [
            FileState(f"/home/docs/{n}.pdf", 2**33 + n, 1_750_000_000_123_456_789 + n, f"{n:064x}", FileStatus.DONE)
            for n in range(1_200)
        ]
        with store.begin() as unit:
            unit.folders.add(docs)
            unit.folders.add(art)
            unit.folders.keep_files("f1", states)
            unit.folders.keep_files("f2", states[:1])
        failed = replace(states[0], status=FileStatus.FAILED, error="The file is empty.")
        with store.begin() as unit:
            assert unit.folders.find() == [art, docs]
            unit.folders.keep_files("f1", [states[0], failed])
            unit.folders.forget_files("f1", [states[1].path, "none"])
            unit.folders.add(replace(docs, synced_at=9.0))
        with store.begin() as unit:
            assert unit.folders.get("f1") == replace(docs, synced_at=9.0)
            assert unit.folders.files("f1") == {each.path: each for each in (failed, *states[2:])}
            unit.folders.remove("f1")
        with store.begin() as unit:
            assert unit.folders.find() == [art]
            assert unit.folders.files("f1") == {}
            assert unit.folders.files("f2") == {states[0].path: states[0]}
        with pytest.raises(NotFound), store.begin() as unit:
            unit.folders.keep_files("f1", states)
