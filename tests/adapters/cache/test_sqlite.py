"""The cache in a file: what survives, what is damaged, what is left on the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from basicchat.adapters.cache.sqlite import SqliteCache, remove


@pytest.fixture
def file(tmp_path):
    return tmp_path / "answers.sqlite"


def kept(file, limit=1_000):
    return closing(SqliteCache(file, limit=limit))


def on_disk(file):
    return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


def test_it_is_kept_from_one_process_to_the_next_in_the_order_of_use(file):
    with kept(file) as cache:
        cache.set("a", b"x" * 400)
        cache.set("b", b"x" * 400)
        cache.get("a")
    with kept(file) as cache:
        cache.set("c", b"x" * 400)
        assert (cache.get("a"), cache.get("b")) == (b"x" * 400, None)


def test_only_its_user_may_read_it(file):
    with kept(file) as cache:
        cache.set("a", b"one")
        assert file.stat().st_mode & 0o077 == 0


def test_what_is_forgotten_is_not_on_the_disk_any_more(file):
    with kept(file) as cache:
        cache.set("a", b"a secret sentence", tags=["x"])
        cache.set("b", b"another sentence")
        assert b"secret" in on_disk(file)
        cache.forget("x")
        assert b"secret" not in on_disk(file)
        assert b"another" in on_disk(file)


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"\x00" * 5_000])
def test_a_file_that_is_no_database_is_begun_anew(file, content, caplog):
    file.write_bytes(content)
    with kept(file) as cache:
        assert cache.get("a") is None
        cache.set("a", b"one")
        cache.set("a", b"one")
        assert cache.get("a") == b"one"


def test_a_damaged_file_is_begun_anew(file, caplog):
    with kept(file, 10**7) as cache:
        for number in range(200):
            cache.set(str(number), b"x" * 1_000, tags=["all"])
    content = bytearray(file.read_bytes())
    content[4_096:] = b"\x5a" * (len(content) - 4_096)
    file.write_bytes(content)
    with kept(file, 10**7) as cache:
        assert cache.tagged("all") == {}
        assert "damaged" in caplog.text
        cache.set("a", b"one")
        assert cache.get("a") == b"one"


def test_a_file_of_another_version_is_begun_anew(file):
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("CREATE TABLE entries (other TEXT); PRAGMA user_version = 99;")
    with kept(file) as cache:
        assert cache.get("a") is None
        cache.set("a", b"one")
        assert cache.get("a") == b"one"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, caplog):
    (tmp_path / "taken").write_text("a file, not a folder")
    with kept(tmp_path / "taken" / "answers.sqlite") as cache:
        cache.set("a", b"one", tags=["x"])
        assert (cache.get("a"), cache.tagged("x"), cache.forget("x")) == (None, {}, 0)
        assert "is not used" in caplog.text


def test_it_can_be_deleted(file):
    with kept(file) as cache:
        cache.set("a", b"one")
    remove(file)
    remove(file)
    assert list(file.parent.iterdir()) == []
