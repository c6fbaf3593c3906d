"""A process that dies in the middle of adding leaves a library that opens and is consistent."""

from __future__ import annotations

import subprocess
import sys

import pytest

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.testing.contracts.store_values import make_chunks

ADD_FOR_EVER = """
import itertools, sys
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.testing.contracts.store_values import add, make_document

store = SqlStore(sys.argv[1])
for number in itertools.count():
    add(store, make_document(number, pages=20))
    print(number, flush=True)
"""


OPEN = """
import sys
from basicchat.adapters.store.sqlalchemy import SqlStore

print("ready", flush=True)
SqlStore(sys.argv[1]).open()
"""


@pytest.mark.parametrize("documents", [1, 5, 13])
def test_killed_while_adding(tmp_path, documents):
    file = tmp_path / "library.db"
    command = [sys.executable, "-c", ADD_FOR_EVER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(documents):
            process.stdout.readline()
        process.kill()
    store = SqlStore(file)
    assert store.check() == []
    with store.begin() as unit:
        kept = unit.documents.find()
        assert len(kept) >= documents
        assert len(unit.documents.unindexed()) == len(kept)
        for document in kept:
            assert unit.documents.chunks(document.id) == make_chunks(document)
            assert unit.documents.sources(document.collection, document.source) == [document.id]
        unit.documents.remove(kept[0].id)
    store.close()


def test_killed_while_the_tables_are_made(tmp_path):
    file = tmp_path / "library.db"
    command = [sys.executable, "-c", OPEN, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        while not file.exists() and process.poll() is None:
            pass
        process.kill()
    store = SqlStore(file)
    assert store.check() == []
    with store.begin() as unit:
        assert unit.documents.count() == 0
    store.close()
