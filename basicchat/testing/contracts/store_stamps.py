"""What every store promises of the stamps of its collections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from basicchat.core.protocols import Store
from basicchat.core.storage import Documents
from basicchat.testing.contracts.store_values import add, make_chunks, make_document

ONE, OTHER = make_document(1), make_document(2, collection="other")
CHUNK = make_chunks(ONE)[0]

CHANGES: dict[str, Callable[[Documents], object]] = {
    "a document is added": lambda documents: documents.add(make_document(3), [], []),
    "a document is removed": lambda documents: documents.remove(ONE.id),
    "a document is tagged": lambda documents: documents.set_tags(ONE.id, ["tax"]),
    "a passage is edited": lambda documents: documents.edit_chunk(CHUNK.id, "Better.", at=1.0),
    "a document is indexed": lambda documents: documents.mark_indexed([ONE.id]),
    "a document is not indexed any more": lambda documents: documents.mark_indexed([ONE.id], indexed=False),
    "a source is linked": lambda documents: documents.link_source("default", "a second name", [ONE.id]),
    "a source is unlinked": lambda documents: documents.link_source("default", ONE.source, []),
    "it is touched": lambda documents: documents.touch("default"),
}

READING: dict[str, Callable[[Documents], object]] = {
    "nothing is removed": lambda documents: documents.remove("none"),
    "a document is added again": lambda documents: documents.add(ONE, [], []),
    "a source is linked as it was": lambda documents: documents.link_source("default", ONE.source, [ONE.id]),
    "a passage stays as it was": lambda documents: documents.edit_chunk(CHUNK.id, CHUNK.text, at=1.0),
    "vectors are kept": lambda documents: documents.keep_vectors("embedder", {"digest": [1.0]}),
    "everything is read": lambda documents: (documents.find(), documents.chunks(ONE.id), documents.tags()),
}


def stamps(store: Store) -> tuple[str, str]:
    """The stamps of both collections."""
    with store.begin() as unit:
        return unit.documents.stamp("default"), unit.documents.stamp("other")


class StoreStampsContract:
    """A part of `StoreContract`, which gives the store."""

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_another_stamp_after(self, store: Store, change: Callable[[Documents], object]) -> None:
        add(store, ONE, OTHER)
        before, elsewhere = stamps(store)
        with store.begin() as unit:
            change(unit.documents)
        after, still = stamps(store)
        assert before != after != ""
        assert elsewhere == still

    @pytest.mark.parametrize("change", READING.values(), ids=READING)
    def test_the_same_stamp_after(self, store: Store, change: Callable[[Documents], object]) -> None:
        add(store, ONE, OTHER)
        before = stamps(store)
        with store.begin() as unit:
            change(unit.documents)
        assert stamps(store) == before

    def test_a_change_that_fails_leaves_the_stamp(self, store: Store) -> None:
        add(store, ONE)
        before = stamps(store)

        def fail_after_the_change() -> None:
            with store.begin() as unit:
                unit.documents.set_tags(ONE.id, ["tax"])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_the_change()
        assert stamps(store) == before

    def test_a_stamp_never_comes_back(self, store: Store) -> None:
        seen = set()
        for _ in range(50):
            add(store, ONE)
            seen.add(stamps(store)[0])
            with store.begin() as unit:
                unit.documents.remove(ONE.id)
            seen.add(stamps(store)[0])
        assert len(seen) == 100

    def test_a_collection_without_documents_has_none(self, store: Store) -> None:
        assert stamps(store) == ("", "")
