"""A cache in one SQLite file."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

VERSION = 1
"""A file of another version is begun anew."""

SCHEMA = f"""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS entries (
        key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL, expires REAL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entries_used ON entries (used, size);
    CREATE INDEX IF NOT EXISTS entries_expires ON entries (expires) WHERE expires IS NOT NULL;
    CREATE TABLE IF NOT EXISTS tags (
        tag TEXT NOT NULL, key TEXT NOT NULL REFERENCES entries (key) ON DELETE CASCADE, PRIMARY KEY (tag, key)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS tags_key ON tags (key);
    PRAGMA user_version = {VERSION};
"""  # what is deleted is written over with zeros: values may hold texts of documents

TOO_MUCH = """
    DELETE FROM entries WHERE key IN (
        SELECT key FROM (SELECT key, sum(size) OVER (ORDER BY used DESC) AS so_far FROM entries) WHERE so_far > ?
    )
"""


class SqliteCache:
    """Keeps at most ``limit`` bytes of values in a file that only this process uses. Opens at its first use.

    A file that is damaged is thrown away and begun anew; where that fails too, nothing is kept.
    """

    def __init__(self, file: Path, *, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._uses = 0
        self._closed = False

    def get(self, key: str) -> bytes | None:
        """The value, or None."""

        def read(connection: sqlite3.Connection) -> bytes | None:
            self._forget_expired(connection)
            row = connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE entries SET used = ? WHERE key = ?", (self._next_use(), key))
            return bytes(row[0])

        return self._run(read, None)

    def set(self, key: str, value: bytes, *, tags: Sequence[str] = (), seconds: float | None = None) -> None:
        """Keep it, at most ``seconds`` long, in place of what the key had before. One that is too large is not kept."""

        def write(connection: sqlite3.Connection) -> None:
            expires = None if seconds is None else self._clock() + seconds
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))
            if len(value) > self._limit:
                return
            row = (key, value, len(value), self._next_use(), expires)
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
            connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", [(tag, key) for tag in tags])
            connection.execute(TOO_MUCH, (self._limit,))

        self._run(write, None)

    def tagged(self, tag: str) -> dict[str, bytes]:
        """Everything with this tag by its key, used least lately first. Looking is no use."""

        def read(connection: sqlite3.Connection) -> dict[str, bytes]:
            self._forget_expired(connection)
            query = "SELECT key, value FROM tags JOIN entries USING (key) WHERE tag = ? ORDER BY used"
            return {key: bytes(value) for key, value in connection.execute(query, (tag,))}

        return self._run(read, {})

    def forget(self, tag: str) -> int:
        """Drop everything with this tag, for good; how many that were."""

        def drop(connection: sqlite3.Connection) -> int:
            query = "DELETE FROM entries WHERE key IN (SELECT key FROM tags WHERE tag = ?)"
            return connection.execute(query, (tag,)).rowcount

        def empty_journal(connection: sqlite3.Connection) -> None:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        count = self._run(drop, 0)
        if count:
            self._run(empty_journal, None)
        return count

    def close(self) -> None:
        """Release the file. A closed cache is empty."""
        with self._lock:
            self._closed = True
            self._disconnect()

    def _run(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something in one transaction; ``otherwise`` where it cannot be done, and the log says why."""
        with self._lock:
            if self._closed:
                return otherwise
            try:
                with self._connected() as connection:
                    return work(connection)
            except (sqlite3.OperationalError, OSError) as error:
                log.warning("the cache %s is not used: %s", self._file.name, error)
            except sqlite3.DatabaseError as error:
                log.warning("the cache %s is damaged and begun anew: %s", self._file.name, error)
                self._begin_anew()
            return otherwise

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            self._connection = sqlite3.connect(self._file, check_same_thread=False)
            if self._connection.execute("PRAGMA user_version").fetchone()[0] not in (0, VERSION):
                raise sqlite3.DatabaseError("it is of another version")
            self._connection.executescript(SCHEMA)
            self._uses = self._connection.execute("SELECT coalesce(max(used), 0) FROM entries").fetchone()[0]
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _begin_anew(self) -> None:
        self._disconnect()
        try:
            remove(self._file)
        except OSError as error:
            log.warning("the cache %s cannot be deleted: %s", self._file.name, error)

    def _next_use(self) -> int:
        self._uses += 1
        return self._uses

    def _forget_expired(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM entries WHERE expires <= ?", (self._clock(),))


def remove(file: Path) -> None:
    """Delete a cache that nobody has open. No error if there is none; raises `OSError`."""
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
