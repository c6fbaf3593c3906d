"""The store in a SQL database: a SQLite file on a laptop."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL, make_url

from basicchat.adapters.store.connection import open_engine, translated
from basicchat.adapters.store.migrate import migrate
from basicchat.adapters.store.snapshot import snapshot
from basicchat.adapters.store.unit_of_work import SqlUnitOfWork
from basicchat.core.errors import StoreError


class SqlStore:
    """Documents and conversations in SQL. Opens, and migrates if need be, at its first use.

    ``location`` is the path of a SQLite file, made with its folder if absent, or a URL of SQLAlchemy.
    """

    def __init__(self, location: str | Path) -> None:
        self._url = _url(location)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._closed = False

    def begin(self) -> SqlUnitOfWork:
        """A new transaction, for use in a ``with``. Raises `StoreError` when the library cannot be opened."""
        self.open()
        return SqlUnitOfWork(self._connect)

    def open(self) -> Engine:
        """Open and migrate now rather than at the first use. Raises `StoreError`."""
        with self._lock:
            if self._closed:
                raise StoreError("The library is closed.", hint="Open it again.")
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def check(self) -> list[str]:
        """Sentences about what is wrong with the files of the store; empty when all is well."""
        try:
            engine = self.open()
            with translated(), engine.connect() as connection:
                return _problems(connection) if engine.dialect.name == "sqlite" else []
        except StoreError as error:
            return [f"{error} {error.hint}"]

    def snapshot(self, target: Path) -> None:
        """Write all that is committed, as of one moment, to a new SQLite file. Opens and migrates nothing.

        Raises `StoreError`, also for a library on a database server, which has means of its own.
        """
        if self._url.get_backend_name() != "sqlite" or not self._url.database:
            raise StoreError("This library lies on a database server.", hint="Back it up with that server's tools.")
        snapshot(Path(self._url.database), target)

    def close(self) -> None:
        """Release files. Further use raises `StoreError`."""
        with self._lock:
            self._closed = True
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _connect(self) -> Connection:
        return self.open().connect()

    def _opened(self) -> Engine:
        file = Path(self._url.database) if self._url.get_backend_name() == "sqlite" and self._url.database else None
        if file is not None:
            _make_folder(file.parent)
        engine = open_engine(self._url)
        try:
            migrate(engine, file=file)
        except StoreError:
            engine.dispose()
            raise
        return engine


def _url(location: str | Path) -> URL:
    if isinstance(location, str) and "://" in location:
        return make_url(location)
    return URL.create("sqlite", database=str(location))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            hint="Check that BASICCHAT_HOME is a folder you may write.",
        ) from error


def _problems(connection: Connection) -> list[str]:
    found = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(20)"))]
    problems = [f"The database is damaged: {line}." for line in found if line != "ok"]
    for table, row_id, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
        problems.append(f"Row {row_id} of {table} belongs to a row of {parent} that is not there.")
    return problems
