"""Watched folders and what is known of their files, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from basicchat.adapters.store import rows
from basicchat.adapters.store.connection import Transaction, batches
from basicchat.adapters.store.schema import folder_files, watched_folders
from basicchat.core.errors import NotFound
from basicchat.core.types import FileState, WatchedFolder


class SqlFolders:
    """The watched folders inside one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, folder: WatchedFolder) -> None:
        """Add, or change everything but the files of the one with the same id."""
        self._transaction.begin_writing()
        row = rows.folder_row(folder)
        if self.get(folder.id) is None:
            self._transaction.write(insert(watched_folders), [row])
        else:
            self._transaction.write(update(watched_folders).where(watched_folders.c.id == folder.id).values(**row))

    def get(self, folder_id: str) -> WatchedFolder | None:
        """The folder, or None."""
        row = self._transaction.row(select(watched_folders).where(watched_folders.c.id == folder_id))
        return None if row is None else rows.folder_from(row)

    def find(self) -> list[WatchedFolder]:
        """Every watched folder, by path."""
        query = select(watched_folders).order_by(watched_folders.c.path, watched_folders.c.id)
        return [rows.folder_from(row) for row in self._transaction.rows(query)]

    def remove(self, folder_id: str) -> None:
        """Forget the folder and what is known of its files; documents stay. No error if there is none."""
        self._transaction.write(delete(watched_folders).where(watched_folders.c.id == folder_id))

    def files(self, folder_id: str) -> dict[str, FileState]:
        """What is known of its files, by path."""
        query = select(folder_files).where(folder_files.c.folder_id == folder_id).order_by(folder_files.c.path)
        return {row["path"]: rows.file_from(row) for row in self._transaction.rows(query)}

    def keep_files(self, folder_id: str, states: Sequence[FileState]) -> None:
        """Remember files, replacing what was known of the same paths. Raises `NotFound` for an unknown folder."""
        self._transaction.begin_writing()
        if self.get(folder_id) is None:
            raise NotFound(f"There is no watched folder {folder_id}.")
        latest = {state.path: state for state in states}
        self.forget_files(folder_id, list(latest))
        self._transaction.write(insert(folder_files), (rows.file_row(folder_id, state) for state in latest.values()))

    def forget_files(self, folder_id: str, paths: Sequence[str]) -> None:
        """Forget files. No error for unknown ones."""
        for batch in batches(paths):
            of_paths = (folder_files.c.folder_id == folder_id, folder_files.c.path.in_(batch))
            self._transaction.write(delete(folder_files).where(*of_paths))
