"""A consistent copy of a SQLite library while it is used, by SQLite's own backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from basicchat.adapters.store.connection import meaning
from basicchat.core.errors import StoreError


def snapshot(file: Path, target: Path) -> None:
    """Copy everything that is committed, as of one moment, into a new file. Writers do not wait for it.

    Needs no open library, so another process may own it. Raises `StoreError`.
    """
    if not file.is_file():
        raise StoreError(f"There is no library at {file}.", hint="Check BASICCHAT_HOME.")
    target.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise meaning(str(error)) from error
