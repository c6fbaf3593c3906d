"""Damaged and unwritable files end in a sentence that says what to do, and the projections can be made afresh."""

from __future__ import annotations

import re
import shutil

import pytest

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.errors import StoreError
from basicchat.core.types import Scope
from basicchat.testing.contracts.lexical_index import make_chunk as make_text
from basicchat.testing.contracts.store_values import add, make_document
from basicchat.testing.contracts.vector_index import make_chunk, turned


def fill_with_noise(file):
    file.write_bytes(b"\xff" * max(file.stat().st_size, 4096))


def cut_in_half(file):
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size // 2)


@pytest.fixture
def chroma(tmp_path):
    """The folder of an index of 2,000 chunks: enough for Chroma to write its graph to files."""
    folder = tmp_path / "chroma"
    index = ChromaIndex(folder)
    index.add("default", [make_chunk(n) for n in range(2_000)], [turned(n / 10) for n in range(2_000)])
    index.close()
    return folder


def damage_database(folder):
    fill_with_noise(folder / "chroma.sqlite3")


def cut_database(folder):
    cut_in_half(folder / "chroma.sqlite3")


def damage_graph(folder):
    files = [file for file in folder.glob("*/*") if file.is_file()]
    assert files
    for file in files:
        fill_with_noise(file)


def lose_graph(folder):
    graphs = [path for path in folder.iterdir() if path.is_dir()]
    assert graphs
    for path in graphs:
        shutil.rmtree(path)


@pytest.mark.parametrize("damage", [damage_database, cut_database, damage_graph, lose_graph])
def test_a_damaged_chroma_folder(chroma, damage):
    damage(chroma)
    index = ChromaIndex(chroma)
    with pytest.raises(StoreError) as caught:
        index.search(turned(0), scope=Scope(), top_k=50)
    assert "basicchat doctor --repair" in caught.value.hint
    index.reset()
    index.add("default", [make_chunk(1)], [turned(0)])
    assert index.search(turned(0), scope=Scope(), top_k=5)[0][0] == "c0001"
    index.close()


@pytest.mark.parametrize("damage", [fill_with_noise, cut_in_half])
def test_a_damaged_full_text_index(tmp_path, damage):
    file = tmp_path / "lexical.db"
    index = SqliteFtsIndex(file)
    index.add("default", [make_text(n, f"gearbox oil {n} " * 50) for n in range(500)])
    index.close()
    damage(file)
    again = SqliteFtsIndex(file)
    with pytest.raises(StoreError) as caught:
        again.search("gearbox", scope=Scope(), top_k=500)
    assert "basicchat doctor --repair" in caught.value.hint
    again.reset()
    again.add("default", [make_text(1, "gearbox")])
    assert [chunk_id for chunk_id, _ in again.search("gearbox", scope=Scope(), top_k=5)] == ["c001"]
    again.close()


def test_a_library_that_is_no_database(tmp_path):
    file = tmp_path / "library.db"
    file.write_bytes(b"\xff" * 8192)
    store = SqlStore(file)
    with pytest.raises(StoreError, match="damaged"):
        store.begin()
    assert re.search("damaged.*basicchat doctor", store.check()[0])
    store.close()


def test_a_library_that_was_cut(tmp_path):
    file = tmp_path / "library.db"
    store = SqlStore(file)
    add(store, *(make_document(n, pages=20) for n in range(50)))
    store.close()
    cut_in_half(file)
    again = SqlStore(file)
    assert again.check()
    again.close()


def test_a_home_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("I am a file")
    home = tmp_path / "file" / "home"
    store, lexical, vectors = (
        SqlStore(home / "library.db"),
        SqliteFtsIndex(home / "lexical.db"),
        ChromaIndex(home / "chroma"),
    )
    with pytest.raises(StoreError, match="cannot be made"):
        store.begin()
    with pytest.raises(StoreError):
        lexical.ids("default")
    with pytest.raises(StoreError):
        vectors.ids("default")
    for part in (store, lexical, vectors):
        part.close()


def test_a_folder_where_the_file_should_be(tmp_path):
    (tmp_path / "library.db").mkdir()
    store = SqlStore(tmp_path / "library.db")
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        store.begin()
    assert "BASICCHAT_HOME" in caught.value.hint
    store.close()
