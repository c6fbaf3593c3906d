from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.errors import InvalidInput, StoreError
from basicchat.core.types import Chunk, Conversation, Page
from basicchat.testing.contracts.store_values import add, make_chunks, make_document


@pytest.fixture
def store(tmp_path):
    store = SqlStore(tmp_path / "home" / "library.db")
    yield store
    store.close()


def test_what_was_kept_is_there_after_closing(tmp_path):
    for number in (1, 2):
        store = SqlStore(tmp_path / "library.db")
        add(store, make_document(number))
        store.close()
    store = SqlStore(f"sqlite:///{tmp_path / 'library.db'}")
    with store.begin() as unit:
        assert unit.documents.count() == 2
    store.close()


def test_connections_are_set_up(store):
    with store.open().connect() as connection:
        asked = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = [connection.execute(text(f"PRAGMA {each}")).scalar() for each in asked]
    assert found == ["wal", 1, 5000, 1]


def test_making_a_store_touches_nothing(tmp_path):
    SqlStore(tmp_path / "home" / "library.db").close()
    assert list(tmp_path.iterdir()) == []


def test_a_unit_of_work_is_for_its_block(store):
    unit = store.begin()
    with pytest.raises(StoreError, match="outside its `with` block"):
        unit.get_value("a")
    with unit:
        unit.set_value("a", 1)
    with pytest.raises(StoreError):
        unit.get_value("a")


def test_a_writer_that_read_first_waits_for_the_other(store):
    """A read snapshot cannot become a write once another writer has committed; it must be taken afresh."""
    with store.begin() as unit:
        unit.set_value("count", 0)
    both_have_read = threading.Barrier(2)

    def count(times: int) -> None:
        for _ in range(times):
            with store.begin() as unit:
                unit.get_value("count")
                both_have_read.wait(30)
                unit.conversations.add(Conversation(threading.current_thread().name, "", 1.0, 1.0))

    threads = [threading.Thread(target=count, args=(5,), name=name) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.begin() as unit:
        assert {each.id for each in unit.conversations.find()} == {"a", "b"}


def test_text_that_no_file_can_keep_is_the_callers_to_mend(store):
    with pytest.raises(InvalidInput, match="lone surrogates"):
        add(store, make_document(1, source="bad \ud800 name"))


def test_a_chunk_of_another_document_is_refused(store):
    one, two = make_document(1), make_document(2)
    add(store, one)
    with pytest.raises(StoreError, match="contradictory rows"), store.begin() as unit:
        unit.documents.add(two, [Page(1, "text")], make_chunks(one))


def test_a_large_document_goes_at_once(store):
    document = make_document(1)
    chunks = [Chunk(f"c{n}", document.id, n, 1, n, n + 1, "x") for n in range(10_000)]
    with store.begin() as unit:
        unit.documents.add(document, [Page(1, "x" * 10_001)], chunks)
    with store.open().connect() as connection:
        plan = str(connection.execute(text("EXPLAIN QUERY PLAN DELETE FROM chunks WHERE document_id = 'a'")).all())
    assert "ix_chunks_document_id_ordinal" in plan
    with store.begin() as unit:
        unit.documents.remove(document.id)
    with store.begin() as unit:
        assert unit.documents.chunk_ids("default") == set()


def test_rows_without_their_document_are_found(store):
    file = store.open().url.database
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO pages (document_id, number, text, headings) VALUES ('none', 1, 'text', '[]')")
        connection.commit()
    again = SqlStore(file)
    assert again.check() == ["Row 1 of pages belongs to a row of documents that is not there."]
    again.close()
