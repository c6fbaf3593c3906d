"""A transaction over the SQL store."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, delete, insert, select

from basicchat.adapters.store.connection import Transaction, translated
from basicchat.adapters.store.conversations import SqlConversations
from basicchat.adapters.store.documents import SqlDocuments
from basicchat.adapters.store.folders import SqlFolders
from basicchat.adapters.store.schema import named_values
from basicchat.core.errors import StoreError
from basicchat.core.types import Json


class SqlUnitOfWork:
    """Commits at the end of a clean ``with`` block, rolls back on an error. For one thread, once."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._transaction: Transaction | None = None

    def __enter__(self) -> Self:
        with translated():
            self._transaction = Transaction(self._connect())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        transaction, self._transaction = self._current, None
        transaction.end(keep=error is None)

    @property
    def _current(self) -> Transaction:
        if self._transaction is None:
            raise StoreError("A unit of work is used outside its `with` block.")
        return self._transaction

    @cached_property
    def documents(self) -> SqlDocuments:
        """The library."""
        return SqlDocuments(self._current)

    @cached_property
    def conversations(self) -> SqlConversations:
        """The chats."""
        return SqlConversations(self._current)

    @cached_property
    def folders(self) -> SqlFolders:
        """The watched folders."""
        return SqlFolders(self._current)

    def get_value(self, name: str) -> Json:
        """A small named value, None if never set."""
        row = self._current.row(select(named_values.c.value).where(named_values.c.name == name))
        return None if row is None else row["value"]

    def set_value(self, name: str, value: Json) -> None:
        """Keep a small named value."""
        self._current.write(delete(named_values).where(named_values.c.name == name))
        self._current.write(insert(named_values), [{"name": name, "value": value}])
