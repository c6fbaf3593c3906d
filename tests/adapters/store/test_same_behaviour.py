"""The fake and the SQL store give the same answers after the same operations, whatever these are."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.errors import NotFound
from basicchat.core.types import Chunk, Conversation, Document, Heading, Page, Turn
from basicchat.testing.contracts.store import make_chunks, make_document, make_pages
from basicchat.testing.store import MemoryStore

numbers = st.integers(1, 6)
collections = st.sampled_from(["default", "other"])
names = st.sampled_from(["a.pdf", "b.jsonl"])


def document_of(number: int, collection: str, source: str = "") -> Document:
    return replace(make_document(number, collection=collection, source=source, pages=number % 3), added_at=number // 2)


class SameBehaviour(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [MemoryStore(), SqlStore(Path(self.folder.name) / "library.db")]

    def teardown(self) -> None:
        for store in getattr(self, "stores", []):
            store.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def both(self, work) -> None:
        """Do it in both, keep it unless it was refused, and compare what it gave."""
        results = []
        for store in self.stores:
            try:
                with store.begin() as unit:
                    results.append(work(unit))
            except NotFound as error:
                results.append(str(error))
        assert results[0] == results[1]

    @rule(number=numbers, collection=collections, source=names)
    def add(self, number, collection, source) -> None:
        document = document_of(number, collection, source)
        self.both(lambda unit: unit.documents.add(document, make_pages(document), make_chunks(document)))

    @rule(number=numbers, collection=collections)
    def remove(self, number, collection) -> None:
        self.both(lambda unit: unit.documents.remove(document_of(number, collection).id))

    @rule(given=st.lists(numbers, max_size=4), collection=collections, source=names)
    def link(self, given, collection, source) -> None:
        ids = [document_of(number, collection).id for number in given]
        self.both(lambda unit: unit.documents.link_source(collection, source, ids))

    @rule(given=st.lists(numbers), collection=collections, indexed=st.booleans())
    def mark(self, given, collection, indexed) -> None:
        ids = [document_of(number, collection).id for number in given]
        self.both(lambda unit: unit.documents.mark_indexed(ids, indexed))

    @rule(conversation=names, time=st.integers(0, 3))
    def start(self, conversation, time) -> None:
        self.both(lambda unit: unit.conversations.add(Conversation(conversation, "Title", 0.0, float(time))))

    @rule(conversation=names, turn=numbers, time=st.integers(0, 3))
    def say(self, conversation, turn, time) -> None:
        said = Turn(f"t{turn}", "user", f"at {time}", float(time))
        self.both(lambda unit: unit.conversations.add_turn(conversation, said))

    @rule(conversation=names)
    def forget(self, conversation) -> None:
        self.both(lambda unit: unit.conversations.remove(conversation))

    @rule(limit=st.none() | st.integers(0, 3), offset=st.integers(0, 3))
    def compare(self, limit, offset) -> None:
        self.both(lambda unit: [unit.documents.find(each, limit=limit, offset=offset) for each in (None, "default")])
        self.both(lambda unit: (unit.documents.unindexed(), unit.documents.collections(), unit.documents.count()))
        self.both(lambda unit: [unit.documents.chunk_ids(each) for each in ("default", "other")])
        self.both(lambda unit: [unit.documents.sources("default", each) for each in ("a.pdf", "b.jsonl")])
        self.both(lambda unit: [unit.documents.sources_of(document.id) for document in unit.documents.find()])
        self.both(lambda unit: [unit.documents.chunks(document.id) for document in unit.documents.find()])
        self.both(lambda unit: [unit.conversations.turns(each.id) for each in unit.conversations.find()])
        self.both(lambda unit: unit.conversations.find())


TestSameBehaviour = SameBehaviour.TestCase
TestSameBehaviour.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)

texts = st.text(max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
documents = st.builds(
    Document,
    id=st.uuids().map(str), collection=texts, source=texts, title=texts, media_type=texts, digest=texts,
    page_count=st.integers(0, 9), chunk_count=st.integers(0, 9), added_at=st.floats(0, 2e9),
    external_id=st.none() | texts, stored_as=st.none() | texts,
    metadata=st.dictionaries(texts, json_values, max_size=3), warnings=st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip
headings = st.builds(Heading, level=st.integers(1, 6), text=texts, start=st.integers(0, 99))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = SqlStore(tmp_path_factory.mktemp("store") / "library.db")
    yield store
    store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    document=documents, text=texts, heading=st.lists(headings, max_size=2).map(tuple), path=st.lists(texts, max_size=3)
)
def test_any_document_comes_back_as_it_was(store, document, text, heading, path):
    page = Page(1, text, heading)
    chunk = Chunk(f"{document.id}-0", document.id, 0, 1, 0, len(text), text, tuple(path))
    with store.begin() as unit:
        unit.documents.remove(document.id)  # of an example before this one
        unit.documents.add(document, [page], [chunk])
    with store.begin() as unit:
        assert unit.documents.get(document.id) == document
        assert unit.documents.pages(document.id) == [page]
        assert unit.documents.chunks(document.id) == [chunk]
        assert unit.documents.sources(document.collection, document.source)[-1] == document.id


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_any_json_value_comes_back_as_it_was(store, value):
    with store.begin() as unit:
        unit.set_value("value", value)
    with store.begin() as unit:
        assert unit.get_value("value") == value
