"""Connections to the database: how SQLite is set up, what its errors mean, and one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Executable, RowMapping, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, IntegrityError, SQLAlchemyError

from basicchat.core.errors import InvalidInput, StoreError

WRITES = "basicchat_writes"
"""Execution option of a connection whose next transaction will write."""

PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000")

MEANINGS = (
    ("disk is full", "The disk is full.", "Make room on the disk and try again."),
    ("readonly", "The library may not be written.", "Check the permissions of the BASICCHAT_HOME folder."),
    ("unable to open", "The library's file cannot be opened.", "Check that BASICCHAT_HOME is a folder you may write."),
    ("is locked", "The library is busy: another change takes too long.", "Wait a moment and try again."),
    ("not a database", "The library's file is damaged.", ""),
    ("malformed", "The library's file is damaged.", ""),
    ("disk i/o error", "The disk does not read or write the library.", "Check the disk, then run `basicchat doctor`."),
)
"""What a driver's message means: a part of it, our sentence, our hint (empty takes that of `StoreError`)."""

ROWS = 5_000
"""Rows handed to the driver at once: a huge document is never in memory a second time."""

IN_LIMIT = 500
"""Values in one ``IN``: databases limit the variables of a statement (SQLite before 3.32: 999)."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of the database into `StoreError`, and text that cannot be stored into `InvalidInput`."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InvalidInput("The text holds characters that no file can keep (lone surrogates).") from error
    except IntegrityError as error:
        raise StoreError(f"The library refused contradictory rows: {error.orig}.") from error
    except DatabaseError as error:
        raise meaning(str(error.orig)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"The library cannot be read or written: {error}.") from error


def meaning(cause: str) -> StoreError:
    """The error to show for a driver's message."""
    for part, sentence, hint in MEANINGS:
        if part in cause.lower():
            return StoreError(sentence, hint=hint)
    return StoreError(f"The library cannot be read or written: {cause}.")


def open_engine(url: URL) -> Engine:
    """An engine on which a transaction is a transaction.

    On SQLite the driver's own transaction handling is switched off, so that changes of tables roll back too, and
    a transaction that will write takes the write lock at its start: one that upgrades later can fail at once.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Transaction:
    """One connection and what may be asked of it.

    The first `write` waits for other writers and starts afresh, so it builds on what they left; what was read
    before it in the same transaction may be older.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._writing = False

    def rows(self, statement: Executable) -> list[RowMapping]:
        """All rows of a query, by column name."""
        with translated():
            return list(self._connection.execute(statement).mappings())

    def row(self, statement: Executable) -> RowMapping | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement)), None)

    def values(self, statement: Executable) -> list[Any]:
        """The first column of a query."""
        with translated():
            return list(self._connection.execute(statement).scalars())

    def write(self, statement: Executable, rows: Iterable[Mapping[str, Any]] | None = None) -> None:
        """Run a change, once for each of ``rows`` where they are given."""
        self.begin_writing()
        if rows is None:
            with translated():
                self._connection.execute(statement)
            return
        each = iter(rows)
        while given := [dict(row) for row in islice(each, ROWS)]:
            with translated():
                self._connection.execute(statement, given)

    def begin_writing(self) -> None:
        """Wait for other writers now. To be called before reading what a change depends on."""
        if self._writing:
            return
        with translated():
            self._connection.commit()
            self._connection.execution_options(**{WRITES: True})
            self._connection.begin()
        self._writing = True

    def end(self, *, keep: bool) -> None:
        """Commit or roll back, and give the connection back."""
        try:
            with translated():
                if keep:
                    self._connection.commit()
                else:
                    self._connection.rollback()
        finally:
            with translated():
                self._connection.close()


def batches(values: Iterable[str], size: int = IN_LIMIT) -> Iterator[Sequence[str]]:
    """Different values, a few hundred at a time."""
    unique = list(dict.fromkeys(values))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]
