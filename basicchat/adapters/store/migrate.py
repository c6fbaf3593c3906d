"""Brings a library to the tables of this version of the program, or says why it does not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from basicchat.adapters.store.connection import WRITES, translated
from basicchat.adapters.store.schema import REVISION, metadata
from basicchat.core.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"


def migrate(engine: Engine, *, file: Path | None) -> None:
    """Make the tables of a new library, or bring those of an older one up to date after copying ``file`` aside.

    All steps happen in one transaction. Raises `StoreError` for a library of a newer program, for tables that are
    not a library, and for one whose tables are not what its version says.
    """
    with translated(), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        present = _revision(connection)
        if present != REVISION:
            _refuse_unknown(present)
            if present is not None and file is not None:
                copy_aside(file, present)
            _upgrade(connection)
        _refuse_incomplete(connection)
        connection.commit()


def copy_aside(file: Path, revision: str) -> Path:
    """Copy the database beside itself, with what is still in its journal. Gives the copy's path."""
    copy = file.with_name(f"{file.name}.revision-{revision}.backup")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _revision(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if tables:
            raise StoreError(
                "The file holds tables, but is not a BasicChat library.",
                hint="Point BASICCHAT_HOME at another folder, or move the file away.",
            )
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608
    if len(found) != 1:
        raise _incomplete()
    return str(found[0])


def _refuse_unknown(revision: str | None) -> None:
    from alembic.script import ScriptDirectory

    known = {each.revision for each in ScriptDirectory(str(FOLDER)).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            f"The library was made by a newer BasicChat (its tables are at {revision}, this one knows {REVISION}).",
            hint="Update BasicChat: pip install --upgrade basicchat",
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")


def _refuse_incomplete(connection: Connection) -> None:
    present = inspect(connection)
    tables = set(present.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            raise _incomplete()
        if not {column.name for column in table.columns} <= {each["name"] for each in present.get_columns(table.name)}:
            raise _incomplete()


def _incomplete() -> StoreError:
    return StoreError(
        "The library's tables are half changed, so it is not opened.",
        hint="Put back the copy that lies beside it (its name ends in `.backup`), then start again.",
    )
