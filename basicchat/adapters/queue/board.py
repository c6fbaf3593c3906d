"""The board of jobs: what was asked for, how it stands and how every file of it stands, in a SQLite file of its own.

It is what people read, in this process or after a restart. The engine beside it only sees to it that jobs run.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from basicchat.adapters.queue.states import ENDED
from basicchat.core.codec import to_json
from basicchat.core.errors import NotFound, StoreError
from basicchat.core.types import FileStatus, Job, JobItem, JobState, Json

log = logging.getLogger(__name__)

VERSION = 1
"""Of the tables below."""

CREATE = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL, key TEXT NOT NULL,
    payload TEXT NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0, unit TEXT NOT NULL DEFAULT '', error TEXT, result TEXT,
    created_at REAL NOT NULL, updated_at REAL NOT NULL, crashes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state);
CREATE TABLE IF NOT EXISTS items (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, ordinal INTEGER NOT NULL, item TEXT NOT NULL,
    PRIMARY KEY (job_id, ordinal)
) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""

COLUMNS = "id, kind, title, state, stage, done, total, unit, error, result, created_at, updated_at"
ITEM_FIELDS = frozenset(item_field.name for item_field in fields(JobItem))
ENDED_STATES = tuple(sorted(state.value for state in ENDED))


class Board:
    """Jobs in a file, opened at its first use. Threads may share it. Raises `StoreError` where the file is damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._asking = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._closed = False

    def add(self, job: Job, payload: Json, *, key: str) -> None:
        """Pin up a new job."""
        row = (job.id, job.kind, job.title, key, json.dumps(payload), job.state, job.created_at, job.updated_at)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO jobs (id, kind, title, key, payload, state, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""
        found = self.seek(job_id)
        if found is None:
            raise NotFound(f"There is no job {job_id}.")
        return found

    def seek(self, job_id: str) -> Job | None:
        """The job as it is now, None if there is none."""
        return next(iter(self._jobs("WHERE id = ?", job_id)), None)

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""
        return self._jobs("WHERE ?1 IS NULL OR kind = ?1 ORDER BY number DESC", kind)

    def unfinished(self, *, key: str = "") -> list[Job]:
        """Jobs that have not ended, of this ``key`` if one is given, oldest first."""
        where = "WHERE state NOT IN (?, ?, ?) AND (?4 = '' OR key = ?4) ORDER BY number"
        return self._jobs(where, *ENDED_STATES, key)

    def payload(self, job_id: str) -> Json:
        """What the job was submitted with. Raises `NotFound`."""
        rows = self._read("SELECT payload FROM jobs WHERE id = ?", job_id)
        if not rows:
            raise NotFound(f"There is no job {job_id}.")
        found: Json = json.loads(rows[0][0])
        return found

    def items(self, job_id: str) -> list[JobItem]:
        """The job's files, by ordinal. Raises `NotFound`."""
        self.get(job_id)
        rows = self._read("SELECT item FROM items WHERE job_id = ? ORDER BY ordinal", job_id)
        return [_item(values) for values in json.loads(f"[{','.join(row[0] for row in rows)}]")]

    def change(self, job_id: str, *, items: Iterable[JobItem] = (), at: float | None = None, **values: Any) -> None:
        """Write new values of a job and some of its files at once. No error if the job was forgotten."""
        if "result" in values:
            values["result"] = json.dumps(values["result"])
        values["updated_at"] = time.time() if at is None else at
        columns = ", ".join(f"{name} = ?" for name in values)
        with self._writing() as connection:
            changed = connection.execute(
                f"UPDATE jobs SET {columns} WHERE id = ?",  # noqa: S608 - the names of columns come from this program
                (*values.values(), job_id),
            )
            if changed.rowcount:
                connection.executemany(
                    "INSERT OR REPLACE INTO items (job_id, ordinal, item) VALUES (?, ?, ?)",
                    [(job_id, item.ordinal, json.dumps(to_json(item))) for item in items],
                )

    def begin(self, job_id: str) -> int:
        """Say that a job runs; how often it was begun and cut off since it last finished a step."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE jobs SET crashes = crashes + (state = ?1), state = ?1, error = NULL, updated_at = ?2"
                " WHERE id = ?3",
                (JobState.RUNNING, time.time(), job_id),
            )
            return int(connection.execute("SELECT crashes FROM jobs WHERE id = ?", (job_id,)).fetchone()[0])

    def remove(self, job_id: str) -> None:
        """Take a job off the board."""
        with self._writing() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def trim(self, keep: int) -> None:
        """Take off what ended longest ago, so that at most ``keep`` ended jobs stay."""
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM jobs WHERE number IN"
                " (SELECT number FROM jobs WHERE state IN (?, ?, ?) ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (*ENDED_STATES, keep),
            )

    def close(self) -> None:
        """Let go of the file for good."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        with self._asking:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _jobs(self, where: str, *values: Any) -> list[Job]:
        rows = self._read(f"SELECT {COLUMNS} FROM jobs {where}", *values)  # noqa: S608 - constants of this file
        return [_job(row) for row in rows]

    def _read(self, statement: str, *values: Any) -> Sequence[Any]:
        """What is written. Whoever asks waits for nobody who writes and for no disk."""
        with self._translated(), self._asking:
            if self._reader is None:
                with self._lock:
                    self._open()
                    self._reader = _connected(self._path)
            return self._reader.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._translated(), self._lock, self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            hint = f"Free some space, or delete the folder {self._path.parent} while BasicChat is not running."
            raise StoreError(f"The list of jobs cannot be used: {error}.", hint=hint) from error

    def _open(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError("The job queue is closed.")
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            make_ready(self._path)
            connection = _connected(self._path)
            try:
                if connection.execute("PRAGMA user_version").fetchone()[0] < VERSION:
                    connection.executescript(CREATE)
                connection.execute("PRAGMA foreign_keys = ON")
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _item(values: dict[str, Any]) -> JobItem:
    """A file's line as it was written. By hand: tables of thousands of files are drawn anew each second."""
    known = {name: value for name, value in values.items() if name in ITEM_FIELDS}
    status = known.get("status")
    known["status"] = None if status is None else FileStatus(status)
    known["warnings"] = tuple(known.get("warnings", ()))
    return JobItem(**known)


def _connected(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, check_same_thread=False, timeout=30.0)
    connection.row_factory = sqlite3.Row
    return connection


def make_ready(file: Path) -> None:
    """Let a SQLite file write ahead, so that a change costs one flush; a damaged one is put aside."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise
        log.warning("%s was damaged and is put aside", file)
        file.replace(file.with_suffix(".damaged"))
        make_ready(file)


def _job(row: Mapping[str, Any]) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        state=JobState(row["state"]),
        stage=row["stage"],
        done=row["done"],
        total=row["total"],
        unit=row["unit"],
        error=row["error"],
        result=None if row["result"] is None else json.loads(row["result"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
