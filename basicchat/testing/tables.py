"""Tables to be asked, in a SQLite database in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from basicchat.core.columns import Column, Value, columns_of
from basicchat.core.errors import InvalidInput
from basicchat.core.types import Cell, Document, Table, TableInfo

_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_RESERVED = frozenset({"order", "group", "select", "from", "where", "table", "to", "when", "limit", "values", "index"})


class MemoryTables:
    """A `TableIndex` without a file."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._infos: dict[str, TableInfo] = {}
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)

    def add(self, document: Document, tables: Sequence[Table]) -> None:
        """Add the tables of a document, replacing those it had."""
        with self._lock:
            self.delete(document.id)
            for number, table in enumerate(tables, start=1):
                columns = columns_of(table, reserved=_RESERVED)
                name = f"t_{document.id[:8]}_{number}"
                if name in self._infos:
                    name = f"t_{document.id}_{number}"
                self._create(name, columns)
                shape = tuple((column.name, column.kind) for column in columns)
                title = table.name if table.name == document.title else f"{document.title}: {table.name}"
                info = TableInfo(name, document.id, title, table.page, table.place, shape, len(table.rows))
                self._infos[name] = info

    def delete(self, document_id: str) -> None:
        """Forget the tables of a document."""
        with self._lock:
            for name in [name for name, info in self._infos.items() if info.document_id == document_id]:
                self._connection.execute(f'DROP TABLE "{name}"')
                del self._infos[name]

    def documents(self) -> set[str]:
        """Ids of the documents that have tables here."""
        return {info.document_id for info in self._infos.values()}

    def describe(self, document_ids: Sequence[str] | None = None) -> list[TableInfo]:
        """The tables of these documents, or of all."""
        infos = [info for info in self._infos.values() if document_ids is None or info.document_id in document_ids]
        return sorted(infos, key=lambda info: (info.document_id, int(info.sql_name.rpartition("_")[2])))

    def query(self, sql: str, *, limit: int = 1000, document_ids: Sequence[str] | None = None) -> Table:
        """The result of one SELECT. Raises `InvalidInput` for anything else."""
        with self._lock:
            inside = None if document_ids is None else {info.sql_name for info in self.describe(document_ids)}
            self._connection.set_authorizer(partial(_only_reading, inside))
            try:
                cursor = self._connection.execute(sql)
                if cursor.description is None:
                    raise InvalidInput("Only a single SELECT can be asked.")
                rows = cursor.fetchmany(limit)
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise InvalidInput(f"The query cannot be run: {error}") from error
            finally:
                self._connection.set_authorizer(None)
        names = tuple(each[0] for each in cursor.description)
        return Table("result", names, tuple(tuple(row) for row in rows))

    def clear(self) -> None:
        """Forget everything."""
        for document_id in self.documents():
            self.delete(document_id)

    def _create(self, name: str, columns: Sequence[Column]) -> None:
        shape = ", ".join(f'"{column.name}" {column.kind}' for column in columns)
        self._connection.execute(f'CREATE TABLE "{name}" ({shape})')
        places = ", ".join("?" for _ in columns)
        rows = zip(*([_cell(value) for value in column.values] for column in columns), strict=True)
        self._connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)  # noqa: S608 - names are ours
        self._connection.commit()


def _only_reading(names: Collection[str] | None, action: int, table: str | None, *_: object) -> int:
    outside = names is not None and action == sqlite3.SQLITE_READ and table not in names
    return sqlite3.SQLITE_OK if action in _READING and not outside else sqlite3.SQLITE_DENY


def _cell(value: Value) -> Cell:
    return str(value) if isinstance(value, date | datetime) else value
