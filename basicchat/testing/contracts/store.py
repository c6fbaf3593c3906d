"""What every store promises."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from basicchat.core.errors import NotFound, StoreError
from basicchat.core.protocols import Store
from basicchat.core.types import (
    Conversation,
    Page,
    Turn,
)
from basicchat.testing.contracts.store_care import StoreCareContract
from basicchat.testing.contracts.store_filters import StoreFiltersContract
from basicchat.testing.contracts.store_stamps import StoreStampsContract
from basicchat.testing.contracts.store_values import (
    add,
    make_answer,
    make_chunks,
    make_document,
    make_pages,
    make_tables,
)


class StoreContract(StoreCareContract, StoreStampsContract, StoreFiltersContract):
    """Override `store` with a fixture that gives an empty store."""

    def opened(self, file: Path) -> Store:
        """A store over a snapshot."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    def test_a_document_comes_back_as_it_was(self, store: Store) -> None:
        document = make_document(1, pages=3)
        add(store, replace(document, indexed=True))
        with store.begin() as unit:
            assert unit.documents.get(document.id) == document
            assert unit.documents.pages(document.id) == make_pages(document)
            assert unit.documents.chunks(document.id) == make_chunks(document)
            assert unit.documents.tables(document.id) == make_tables(document)
            assert unit.documents.page(document.id, 2) == make_pages(document)[1]
            assert unit.documents.page(document.id, 4) is None
            assert unit.documents.sources(document.collection, document.source) == [document.id]
            assert unit.documents.sources_of(document.id) == [document.source]

    def test_adding_the_same_id_again_changes_nothing(self, store: Store) -> None:
        document = make_document(1)
        add(store, document)
        with store.begin() as unit:
            unit.documents.add(replace(document, title="Other", source="elsewhere"), [], [])
        with store.begin() as unit:
            assert unit.documents.get(document.id) == document
            assert len(unit.documents.chunks(document.id)) == 2
            assert unit.documents.sources_of(document.id) == [document.source]

    def test_a_document_without_chunks_is_allowed(self, store: Store) -> None:
        document = replace(make_document(1), chunk_count=0)
        with store.begin() as unit:
            unit.documents.add(document, [Page(1, "")], [])
        with store.begin() as unit:
            assert unit.documents.get(document.id) == document
            assert unit.documents.chunks(document.id) == []

    def test_what_is_absent_is_none_or_empty(self, store: Store) -> None:
        with store.begin() as unit:
            assert unit.documents.get("none") is None
            assert unit.documents.many(["none"]) == {}
            assert unit.documents.find() == []
            assert unit.documents.entries() == []
            assert unit.documents.tables("none") == []
            assert unit.documents.removals() == []
            assert unit.documents.tags() == {}
            assert unit.documents.embedders() == []
            assert unit.folders.get("none") is None
            assert unit.folders.find() == []
            assert unit.folders.files("none") == {}
            assert unit.documents.count() == 0
            assert unit.documents.collections() == []
            assert unit.documents.chunks_by_id(["none"]) == {}
            assert unit.documents.sources("default", "none") == []
            assert unit.documents.vectors("embedder", ["none"]) == {}
            assert unit.conversations.get("none") is None
            assert unit.conversations.turns("none") == []
            assert unit.get_value("none") is None
            unit.documents.remove("none")
            assert unit.documents.removals() == []
            unit.documents.finish_removal("none")
            unit.documents.forget_vectors("embedder", ["none"])
            unit.folders.remove("none")
            unit.folders.forget_files("none", ["none"])
            unit.conversations.remove("none")
            unit.documents.mark_indexed(["none"])

    def test_documents_are_found_newest_first(self, store: Store) -> None:
        here, there = [make_document(n) for n in (1, 2, 3)], make_document(4, collection="other")
        add(store, here[1], there, here[0], here[2])
        with store.begin() as unit:
            assert unit.documents.find() == [there, here[2], here[1], here[0]]
            assert unit.documents.find("default", limit=1, offset=1) == [here[1]]
            assert unit.documents.find("default", offset=2) == [here[0]]
            assert (unit.documents.count(), unit.documents.count("other")) == (4, 1)
            assert unit.documents.collections() == ["default", "other"]

    def test_many_at_once(self, store: Store) -> None:
        document = make_document(1, pages=1_200)
        add(store, document)
        wanted = [chunk.id for chunk in make_chunks(document)]
        with store.begin() as unit:
            assert set(unit.documents.chunks_by_id([*wanted, "none"])) == set(wanted)
            assert set(unit.documents.many([document.id] * 3)) == {document.id}
            assert unit.documents.chunk_ids("default") == set(wanted)
            assert unit.documents.chunk_ids("other") == set()
            assert unit.documents.chunk_owners("default") == dict.fromkeys(wanted, document.id)

    def test_neighbours_stay_on_the_page(self, store: Store) -> None:
        document = make_document(1, pages=3)
        chunks = make_chunks(document)
        add(store, document)
        with store.begin() as unit:
            assert unit.documents.neighbours(chunks[2]) == [chunks[3]]
            assert unit.documents.neighbours(chunks[3], distance=5) == [chunks[2]]

    def test_removing_forgets_everything_of_it(self, store: Store) -> None:
        one, two = make_document(1), make_document(2)
        add(store, one, two)
        with store.begin() as unit:
            unit.documents.remove(one.id)
        with store.begin() as unit:
            assert unit.documents.find() == [two]
            assert unit.documents.chunks(one.id) == []
            assert unit.documents.pages(one.id) == []
            assert unit.documents.sources_of(one.id) == []
            assert unit.documents.sources("default", one.source) == []
            assert unit.documents.chunk_ids("default") == {chunk.id for chunk in make_chunks(two)}
        add(store, one)

    def test_a_source_gives_what_it_gives_now(self, store: Store) -> None:
        one, two, three = (make_document(n, source="records.jsonl") for n in (1, 2, 3))
        add(store, one, two, three)
        with store.begin() as unit:
            assert unit.documents.sources("default", "records.jsonl") == [one.id, two.id, three.id]
            assert unit.documents.link_source("default", "copy.jsonl", [two.id]) == []
            assert unit.documents.link_source("default", "records.jsonl", [three.id, three.id]) == [one.id]
            assert unit.documents.sources("default", "records.jsonl") == [three.id]
            assert unit.documents.sources_of(two.id) == ["copy.jsonl"]
            assert unit.documents.link_source("default", "copy.jsonl", []) == [two.id]

    def test_a_document_is_called_by_a_source_it_has(self, store: Store) -> None:
        document = make_document(1, source="here/a.pdf")
        add(store, document)
        with store.begin() as unit:
            unit.documents.link_source("default", "there/a.pdf", [document.id])
            assert unit.documents.find()[0].source == "here/a.pdf"
            assert unit.documents.sources_under("default", "th") == ["there/a.pdf"]
            assert unit.documents.sources_under("default", "") == ["here/a.pdf", "there/a.pdf"]
            assert unit.documents.sources_under("other", "") == []
            assert unit.documents.link_source("default", "here/a.pdf", []) == []
        with store.begin() as unit:
            assert unit.documents.find()[0].source == "there/a.pdf"
            assert unit.documents.sources_under("default", "") == ["there/a.pdf"]

    def test_linking_an_unknown_document_is_refused(self, store: Store) -> None:
        with pytest.raises(NotFound), store.begin() as unit:
            unit.documents.link_source("default", "a.pdf", ["none"])

    def test_kept_originals(self, store: Store) -> None:
        one, three = make_document(1), make_document(3)
        add(store, one, three)
        with store.begin() as unit:
            assert unit.documents.stored() == {one.stored_as: one.digest}

    def test_what_is_indexed(self, store: Store) -> None:
        one, two = make_document(1), make_document(2)
        add(store, one, two)
        with store.begin() as unit:
            assert unit.documents.unindexed() == [two, one]
            unit.documents.mark_indexed([one.id, two.id])
            unit.documents.mark_indexed([two.id], indexed=False)
        with store.begin() as unit:
            assert unit.documents.unindexed() == [two]
            found = unit.documents.get(one.id)
            assert found is not None
            assert found.indexed

    def test_vectors_are_kept_by_embedder_and_text(self, store: Store) -> None:
        rows = np.random.default_rng(0).normal(size=(1_200, 4)).astype(np.float32)
        digests = [f"{n:064x}" for n in range(len(rows))]
        with store.begin() as unit:
            unit.documents.keep_vectors("a@1", dict(zip(digests, rows, strict=True)))
            unit.documents.keep_vectors("a@1", {digests[0]: [9.0, 8.0, 7.0, 6.0]})
            unit.documents.keep_vectors("a@1", {})
        with store.begin() as unit:
            found = unit.documents.vectors("a@1", [*digests, "none"])
            assert set(found) == set(digests)
            assert np.array_equal(np.asarray(found[digests[7]]), rows[7])
            assert list(found[digests[0]]) == [9.0, 8.0, 7.0, 6.0]
            assert unit.documents.vectors("b@1", digests) == {}
            unit.documents.keep_vectors("b@1", {digests[0]: [1.0]})
            assert unit.documents.embedders() == ["a@1", "b@1"]
            assert unit.documents.kept("a@1") == set(digests)
            unit.documents.forget_vectors("a@1", [*digests[1:], "none"])
            assert unit.documents.kept("a@1") == {digests[0]}
            assert unit.documents.kept("b@1") == {digests[0]}

    def test_conversations_and_their_turns(self, store: Store) -> None:
        old, new = Conversation("a", "Old", 1.0, 1.0), Conversation("b", "New", 2.0, 2.0, "other")
        turns = [
            Turn("t2", "user", "How many?", 3.0),
            Turn("t1", "assistant", "It is 42 [1].", 4.0, answer=make_answer()),
            Turn("t3", "assistant", "It", 5.0, stopped=True),
        ]
        with store.begin() as unit:
            unit.conversations.add(old)
            unit.conversations.add(new)
            assert unit.conversations.find() == [new, old]
            for turn in turns:
                unit.conversations.add_turn("a", turn)
        with store.begin() as unit:
            assert unit.conversations.turns("a") == turns
            assert unit.conversations.find() == [replace(old, updated_at=5.0), new]
            assert unit.conversations.find(limit=1) == [replace(old, updated_at=5.0)]

    def test_a_turn_with_the_same_id_is_replaced_in_its_place(self, store: Store) -> None:
        with store.begin() as unit:
            unit.conversations.add(Conversation("a", "A", 1.0, 9.0))
            unit.conversations.add_turn("a", Turn("t1", "assistant", "", 2.0, stopped=True))
            unit.conversations.add_turn("a", Turn("t2", "user", "More", 3.0))
            unit.conversations.add_turn("a", Turn("t1", "assistant", "Whole", 2.0, answer=make_answer()))
            assert [turn.content for turn in unit.conversations.turns("a")] == ["Whole", "More"]
            assert unit.conversations.get("a") == Conversation("a", "A", 1.0, 9.0)

    def test_changing_a_conversation_keeps_its_turns(self, store: Store) -> None:
        with store.begin() as unit:
            unit.conversations.add(Conversation("a", "A", 1.0, 1.0))
            unit.conversations.add_turn("a", Turn("t1", "user", "Hi", 1.0))
            unit.conversations.add(Conversation("a", "Renamed", 1.0, 6.0))
        with store.begin() as unit:
            assert unit.conversations.get("a") == Conversation("a", "Renamed", 1.0, 6.0)
            assert len(unit.conversations.turns("a")) == 1
            unit.conversations.remove("a")
        with store.begin() as unit:
            assert unit.conversations.turns("a") == []

    def test_a_turn_needs_its_conversation(self, store: Store) -> None:
        with pytest.raises(NotFound), store.begin() as unit:
            unit.conversations.add_turn("none", Turn("t1", "user", "Hi", 1.0))

    def test_named_values(self, store: Store) -> None:
        with store.begin() as unit:
            unit.set_value("a", {"list": [1, 2.5, None, "ß"]})
            unit.set_value("b", 1)
            unit.set_value("b", None)
        with store.begin() as unit:
            assert unit.get_value("a") == {"list": [1, 2.5, None, "ß"]}
            assert unit.get_value("b") is None

    def test_an_error_rolls_everything_back(self, store: Store) -> None:
        document = make_document(1)

        def fail_after_changes() -> None:
            with store.begin() as unit:
                unit.documents.add(document, make_pages(document), make_chunks(document))
                unit.set_value("a", 1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_changes()
        with store.begin() as unit:
            assert unit.documents.count() == 0
            assert unit.get_value("a") is None

    def test_a_transaction_sees_its_own_changes_and_others_do_not(self, store: Store) -> None:
        with store.begin() as writer:
            writer.set_value("a", 1)
            assert writer.get_value("a") == 1
            with store.begin() as reader:
                assert reader.get_value("a") is None
        with store.begin() as reader:
            assert reader.get_value("a") == 1

    def test_writers_in_threads_lose_nothing(self, store: Store) -> None:
        def work(first: int) -> None:
            for number in range(first, first + 10):
                add(store, make_document(number))

        threads = [threading.Thread(target=work, args=(first,)) for first in (0, 100, 200, 300)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.begin() as unit:
            assert unit.documents.count() == 40
            assert len(unit.documents.chunk_ids("default")) == 80

    def test_a_snapshot_is_of_one_moment(self, store: Store, tmp_path: Path) -> None:
        for number in range(3):
            add(store, make_document(number))
        with store.begin() as unit:
            unit.set_value("name", "before")
            unit.documents.keep_vectors("e@1", {"a": [0.5, 0.25]})
            store.snapshot(tmp_path / "copy")
            inside = self.opened(tmp_path / "copy")
            with inside.begin() as copied:
                assert copied.get_value("name") is None
            inside.close()
        store.snapshot(tmp_path / "copy")
        with store.begin() as unit:
            unit.documents.remove(make_document(1).id)
        copy = self.opened(tmp_path / "copy")
        assert copy.check() == []
        with copy.begin() as unit:
            assert unit.documents.count() == 3
            for number in range(3):
                assert unit.documents.chunks(make_document(number).id) == make_chunks(make_document(number))
            assert unit.get_value("name") == "before"
            assert list(unit.documents.vectors("e@1", ["a"])["a"]) == [0.5, 0.25]
        copy.close()

    def test_all_is_well_with_its_files(self, store: Store) -> None:
        add(store, make_document(1))
        assert store.check() == []

    def test_a_closed_store_refuses(self, store: Store) -> None:
        store.close()
        store.close()
        with pytest.raises(StoreError), store.begin() as unit:
            unit.documents.count()
