"""Tables of documents in one DuckDB file, asked through a connection that can do nothing but read them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.core.columns import Column, columns_of
from basicchat.core.errors import InvalidInput, StoreError
from basicchat.core.types import Cell, Document, Table, TableInfo

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "512MB"
THREADS = 2
SECONDS = 10.0
"""How long a query may take."""
MAX_SQL = 20_000
"""Characters of a query."""
ROWS_AT_ONCE = 50_000

_QUIET: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": THREADS,
}
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    **_QUIET,
    "python_enable_replacements": "false",  # else a name in a query could be a variable of this program
    "memory_limit": MEMORY,
    "max_temp_directory_size": "0KB",
}
_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    **_LIMITS,
    "enable_external_access": "false",
    "lock_configuration": "true",
}
_META = (
    'CREATE TABLE IF NOT EXISTS "_tables" (sql_name VARCHAR PRIMARY KEY, document_id VARCHAR, title VARCHAR, '
    "page BIGINT, place VARCHAR, columns VARCHAR, row_count BIGINT)"
)
_HINT = "Ask one SELECT over the tables that `basicchat tables list` names."


class DuckDbTables:
    """A `TableIndex`. One caller at a time; the file is open only during a call."""

    def __init__(self, path: Path, *, seconds: float = SECONDS) -> None:
        self._path = path
        self._seconds = seconds
        self._lock = threading.RLock()

    def add(self, document: Document, tables: Sequence[Table]) -> None:
        """Add the tables of a document, replacing those it had, at once or not at all."""
        with self._writing() as connection:
            _forget(connection, document.id)
            for number, table in enumerate(tables, start=1):
                name = _free_name(connection, document.id, number)
                columns = columns_of(table, reserved=self._reserved)
                _create(connection, name, columns)
                facts = json.dumps([[column.name, column.kind] for column in columns])
                title = table.name if table.name == document.title else f"{document.title}: {table.name}"
                row = [name, document.id, title, table.page, table.place, facts, len(table.rows)]
                connection.execute('INSERT INTO "_tables" VALUES (?, ?, ?, ?, ?, ?, ?)', row)

    def delete(self, document_id: str) -> None:
        """Forget the tables of a document."""
        if self._path.exists():
            with self._writing() as connection:
                _forget(connection, document_id)

    def documents(self) -> set[str]:
        """Ids of the documents that have tables here."""
        return {info.document_id for info in self.describe()}

    def describe(self, document_ids: Sequence[str] | None = None) -> list[TableInfo]:
        """The tables of these documents, or of all, in the order of their documents and places."""
        with self._reading() as connection:
            rows = connection.execute('SELECT * FROM "_tables"').fetchall() if connection else []
        infos = [_info(row) for row in rows if document_ids is None or row[1] in document_ids]
        return sorted(infos, key=lambda info: (info.document_id, _number(info.sql_name)))

    def query(self, sql: str, *, limit: int = 1000, document_ids: Sequence[str] | None = None) -> Table:
        """The result of one SELECT. Raises `InvalidInput` for anything else, and for one that takes too long.

        With ``document_ids`` it is asked of a copy of their tables, beside which there is nothing.
        """
        import duckdb

        with self._askable(sql, document_ids) as connection:
            if connection is None:
                raise InvalidInput("No document in the library has a table.", hint="Add a spreadsheet or a CSV file.")
            watch = threading.Timer(self._seconds, connection.interrupt)
            watch.daemon = True
            try:
                text = _one_select(connection, sql)
                watch.start()
                result = connection.execute(text)
                names = [each[0] for each in result.description or ()]
                rows = result.fetchmany(limit)
            except duckdb.InterruptException as error:
                raise InvalidInput(
                    f"The query took longer than {self._seconds:g} s.", hint="Narrow it with WHERE."
                ) from error
            except duckdb.Error as error:
                raise InvalidInput(f"The query cannot be run: {_first(error)}", hint=_HINT) from error
            finally:
                watch.cancel()
        return Table("result", tuple(names), tuple(tuple(map(_cell, row)) for row in rows))

    def clear(self) -> None:
        """Forget everything, also a damaged file."""
        with self._lock:
            for path in (self._path, self._path.with_name(self._path.name + ".wal")):
                path.unlink(missing_ok=True)

    @cached_property
    def _reserved(self) -> frozenset[str]:
        import duckdb

        with duckdb.connect(":memory:", config=_QUIET) as connection:
            rows = connection.execute(
                "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category != 'unreserved'"
            )
            return frozenset(name for (name,) in rows.fetchall())

    @contextmanager
    def _writing(self) -> Iterator[DuckDBPyConnection]:
        import duckdb

        with self._lock, _translated():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with duckdb.connect(str(self._path), config=_QUIET) as connection:
                connection.execute("BEGIN")
                connection.execute(_META)
                yield connection
                connection.execute("COMMIT")

    @contextmanager
    def _askable(self, sql: str, document_ids: Sequence[str] | None) -> Iterator[DuckDBPyConnection | None]:
        """A connection that sees the tables of these documents and no others, None where there are none at all."""
        with self._lock:
            if document_ids is None or self.documents() <= set(document_ids):
                with self._reading() as connection:
                    yield connection
                return
            spelled = sql.casefold()
            names = [info.sql_name for info in self.describe(document_ids) if info.sql_name in spelled]
            with self._copied(names) as connection:
                yield connection

    @contextmanager
    def _copied(self, names: Sequence[str]) -> Iterator[DuckDBPyConnection]:
        """A database in memory with copies of some tables, which can reach nothing else any more."""
        import duckdb

        with duckdb.connect(":memory:", config=_LIMITS) as connection:
            with _translated():
                path = str(self._path).replace("'", "''")
                connection.execute(f"ATTACH '{path}' AS kept (READ_ONLY)")
                for name in names:
                    connection.execute(f'CREATE TABLE "{name}" AS FROM kept."{name}"')
                connection.execute("DETACH kept")
                connection.execute("SET enable_external_access = false")
                connection.execute("SET lock_configuration = true")
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[DuckDBPyConnection | None]:
        """A connection that only reads, None where nothing was ever written."""
        import duckdb

        with self._lock:
            if not self._path.exists():
                yield None
                return
            with _translated():
                connection = duckdb.connect(str(self._path), read_only=True, config=_LOCKED)
            with connection:
                yield connection


@contextmanager
def _translated() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise StoreError(f"The tables of the library cannot be used: {_first(error)}") from error


def _one_select(connection: DuckDBPyConnection, sql: str) -> str:
    import duckdb

    if len(sql) > MAX_SQL:
        raise InvalidInput("The query is too long.", hint=_HINT)
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InvalidInput("Only a single SELECT can be asked.", hint=_HINT)
    return statements[0].query


def _forget(connection: DuckDBPyConnection, document_id: str) -> None:
    names = connection.execute('SELECT sql_name FROM "_tables" WHERE document_id = ?', [document_id]).fetchall()
    for (name,) in names:
        connection.execute(f'DROP TABLE IF EXISTS "{name}"')
    connection.execute('DELETE FROM "_tables" WHERE document_id = ?', [document_id])


def _free_name(connection: DuckDBPyConnection, document_id: str, number: int) -> str:
    """``t_1f3a99c0_2``; more of the id where another document begins alike."""
    for length in (8, 16, len(document_id)):
        name = f"t_{document_id[:length]}_{number}"
        if not connection.execute('SELECT 1 FROM "_tables" WHERE sql_name = ?', [name]).fetchone():
            break
    return name


def _create(connection: DuckDBPyConnection, name: str, columns: Sequence[Column]) -> None:
    shape = ", ".join(f'"{column.name}" {column.kind}' for column in columns)
    connection.execute(f'CREATE TABLE "{name}" ({shape})')
    filling = ", ".join(f"unnest(?::{column.kind}[])" for column in columns)
    for start in range(0, len(columns[0].values), ROWS_AT_ONCE):
        part = [list(column.values[start : start + ROWS_AT_ONCE]) for column in columns]
        connection.execute(f'INSERT INTO "{name}" SELECT {filling}', part)


def _info(row: tuple[Any, ...]) -> TableInfo:
    name, document_id, title, page, place, columns, count = row
    shape = tuple((str(column), str(kind)) for column, kind in json.loads(columns))
    return TableInfo(name, document_id, title, page, place, shape, count)


def _number(sql_name: str) -> int:
    return int(sql_name.rpartition("_")[2])


def _cell(value: object) -> Cell:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)  # dates and times by ISO 8601


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
