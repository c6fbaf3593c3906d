"""A notebook of inquiries in one SQLite file: a row a finished step, written through to the disk."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import NotFound, StoreError
from basicchat.core.research import Inquiry, Note

VERSION = 1
"""Of the tables below."""

SCHEMA = f"""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS inquiries (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, inquiry TEXT NOT NULL, begun_at REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS notes (
        number INTEGER PRIMARY KEY, inquiry_id TEXT NOT NULL REFERENCES inquiries (id) ON DELETE CASCADE,
        name TEXT NOT NULL, note TEXT NOT NULL, UNIQUE (inquiry_id, name)
    );
    PRAGMA user_version = {VERSION};
"""  # FULL: a step that was kept is there after a loss of power, too


class SqliteNotebook:
    """Keeps inquiries in a file that only this process writes. Opens at its first use; threads may share it.

    Raises `StoreError` where the file cannot be used: it holds what people waited for, so it is never begun anew.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def begin(self, study_id: str, inquiry: Inquiry, *, at: float) -> None:
        """Note an inquiry. Doing it twice is doing it once: the first one stays."""
        row = (study_id, json.dumps(to_json(inquiry)), at)
        with self._using() as connection:
            connection.execute("INSERT OR IGNORE INTO inquiries (id, inquiry, begun_at) VALUES (?, ?, ?)", row)

    def inquiry(self, study_id: str) -> Inquiry:
        """What was asked. Raises `NotFound`."""
        with self._using() as connection:
            row = connection.execute("SELECT inquiry FROM inquiries WHERE id = ?", (study_id,)).fetchone()
        if row is None:
            raise _unknown(study_id)
        return from_json(Inquiry, json.loads(row[0]))

    def begun(self) -> list[tuple[str, float]]:
        """Every inquiry and when it was noted, newest first."""
        with self._using() as connection:
            rows = connection.execute("SELECT id, begun_at FROM inquiries ORDER BY number DESC").fetchall()
        return [(str(row[0]), float(row[1])) for row in rows]

    def keep(self, study_id: str, note: Note) -> None:
        """Keep a finished step for good. Of two with one name the first stays. Raises `NotFound`."""
        with self._using() as connection:
            if connection.execute("SELECT 1 FROM inquiries WHERE id = ?", (study_id,)).fetchone() is None:
                raise _unknown(study_id)
            row = (study_id, note.name, json.dumps(to_json(note)))
            connection.execute("INSERT OR IGNORE INTO notes (inquiry_id, name, note) VALUES (?, ?, ?)", row)

    def notes(self, study_id: str) -> list[Note]:
        """The finished steps in the order they were kept."""
        with self._using() as connection:
            rows: list[Any] = connection.execute(
                "SELECT note FROM notes WHERE inquiry_id = ? ORDER BY number", (study_id,)
            ).fetchall()
        return [from_json(Note, json.loads(row[0])) for row in rows]

    def forget(self, study_id: str) -> None:
        """Forget an inquiry and its steps. Raises `NotFound`."""
        with self._using() as connection:
            if not connection.execute("DELETE FROM inquiries WHERE id = ?", (study_id,)).rowcount:
                raise _unknown(study_id)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that is written through when the block ends."""
        with self._lock:
            if self._closed:
                raise StoreError("The notebook is closed.")
            try:
                with self._opened() as connection:
                    yield connection
            except (sqlite3.Error, OSError) as error:
                raise StoreError(
                    f"The notebook of research cannot be used: {error}.", hint=f"Look after {self._file}."
                ) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.touch(mode=0o600)
            connection = sqlite3.connect(self._file, check_same_thread=False)
            try:
                connection.executescript(SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _unknown(study_id: str) -> NotFound:
    return NotFound(f"There is no research {study_id}.", hint="`basicchat research list` shows what there is.")
