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
from basicchat.core.types import (
    Anchor,
    Box,
    Chunk,
    Conversation,
    Document,
    FileState,
    FileStatus,
    Heading,
    Page,
    Table,
    TextBox,
    Turn,
    WatchedFolder,
)
from basicchat.testing.contracts.store_values import make_chunks, make_document, make_pages, make_tables
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
        parts = make_pages(document), make_chunks(document), make_tables(document)
        self.both(lambda unit: unit.documents.add(document, *parts))

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

    @rule(number=numbers, collection=collections)
    def finish(self, number, collection) -> None:
        self.both(lambda unit: unit.documents.finish_removal(document_of(number, collection).id))

    @rule(number=numbers, collection=collections, tags=st.lists(names, max_size=3))
    def tag(self, number, collection, tags) -> None:
        self.both(lambda unit: unit.documents.set_tags(document_of(number, collection).id, tags))

    @rule(number=numbers, collection=collections, ordinal=st.integers(0, 3), text=st.sampled_from(["", "x", "First"]))
    def edit(self, number, collection, ordinal, text) -> None:
        chunk = f"{document_of(number, collection).id}-c{ordinal}"
        self.both(lambda unit: unit.documents.edit_chunk(chunk, text, at=1.0))

    @rule(folder=names, path=st.sampled_from(["/a", "/b"]))
    def watch(self, folder, path) -> None:
        self.both(lambda unit: unit.folders.add(WatchedFolder(folder, path)))

    @rule(folder=names)
    def unwatch(self, folder) -> None:
        self.both(lambda unit: unit.folders.remove(folder))

    @rule(folder=names, paths=st.lists(names, max_size=3), size=st.integers(0, 3))
    def know(self, folder, paths, size) -> None:
        states = [FileState(path, size, 0, "", FileStatus.DONE) for path in paths]
        self.both(lambda unit: unit.folders.keep_files(folder, states))

    @rule(folder=names, paths=st.lists(names, max_size=3))
    def unknow(self, folder, paths) -> None:
        self.both(lambda unit: unit.folders.forget_files(folder, paths))

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
        self.both(lambda unit: [unit.documents.tables(document.id) for document in unit.documents.find()])
        self.both(lambda unit: [unit.documents.entries(each) for each in (None, "default")])
        self.both(lambda unit: [unit.documents.edit_histories(each.id) for each in unit.documents.find()])
        self.both(lambda unit: [unit.documents.edited_chunks(each) for each in ("default", "other")])
        self.both(lambda unit: (unit.documents.tags(), unit.documents.with_tables()))
        self.both(lambda unit: {each.document_id: each.stored_as for each in unit.documents.removals()})
        self.both(
            lambda unit: [unit.documents.chunk_history(each) for each in sorted(unit.documents.chunk_owners("default"))]
        )
        self.both(lambda unit: [(each, unit.folders.files(each.id)) for each in unit.folders.find()])
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
    tags=st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip
headings = st.builds(Heading, level=st.integers(1, 6), text=texts, start=st.integers(0, 99))
shares = st.floats(0, 1)
boxes = st.builds(
    TextBox, start=st.integers(0, 99), end=st.integers(0, 99), box=st.builds(Box, shares, shares, shares, shares)
)
pages = st.builds(
    Page, number=st.just(1), text=texts, headings=st.lists(headings, max_size=2).map(tuple), label=texts,
    anchors=st.lists(st.builds(Anchor, start=st.integers(0, 99), name=texts), max_size=2).map(tuple),
    boxes=st.lists(boxes, max_size=2).map(tuple),
)  # fmt: skip
cells = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
tables = st.builds(
    Table, name=texts, columns=st.lists(texts, max_size=3).map(tuple), page=st.integers(1, 9), place=texts,
    rows=st.lists(st.lists(cells, max_size=3).map(tuple), max_size=3).map(tuple),
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = SqlStore(tmp_path_factory.mktemp("store") / "library.db")
    yield store
    store.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=documents, page=pages, table=tables, path=st.lists(texts, max_size=3), place=texts)
def test_any_document_comes_back_as_it_was(store, document, page, table, path, place):
    chunk = Chunk(f"{document.id}-0", document.id, 0, 1, 0, len(page.text), page.text, tuple(path), place)
    with store.begin() as unit:
        unit.documents.remove(document.id)  # of an example before this one
        unit.documents.add(document, [page], [chunk], [table])
    with store.begin() as unit:
        assert unit.documents.get(document.id) == document
        assert unit.documents.pages(document.id) == [page]
        assert unit.documents.chunks(document.id) == [chunk]
        assert repr(unit.documents.tables(document.id)) == repr([table])  # 1 is not True here
        assert unit.documents.sources(document.collection, document.source)[-1] == document.id


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_any_json_value_comes_back_as_it_was(store, value):
    with store.begin() as unit:
        unit.set_value("value", value)
    with store.begin() as unit:
        assert unit.get_value("value") == value
