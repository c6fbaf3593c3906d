from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from basicchat.adapters.store.migrate import FOLDER, copy_aside
from basicchat.adapters.store.schema import REVISION, metadata
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.errors import StoreError
from basicchat.testing.contracts.store import add, make_document


@pytest.fixture
def file(tmp_path):
    return tmp_path / "library.db"


@pytest.fixture
def library(file):
    """The file of a library that holds one document."""
    store = SqlStore(file)
    add(store, make_document(1))
    store.close()
    return file


def change(file, *statements):
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def refusal(file) -> str:
    store = SqlStore(file)
    with pytest.raises(StoreError) as caught:
        store.begin()
    store.close()
    return f"{caught.value} {caught.value.hint}"


def test_the_migrations_lead_to_the_tables_of_the_schema(file):
    assert ScriptDirectory(str(FOLDER)).get_heads() == [REVISION]
    store = SqlStore(file)
    with store.open().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_a_library_of_a_newer_program_is_refused_and_left_alone(library):
    change(library, "UPDATE alembic_version SET version_num = '9999'")
    before = library.read_bytes()
    assert "made by a newer BasicChat" in refusal(library)
    assert library.read_bytes() == before


def test_a_half_changed_library_is_refused(library):
    change(library, "DROP TABLE turns")
    assert "half changed" in refusal(library)


def test_a_library_that_lacks_a_column_is_refused(library):
    change(library, "ALTER TABLE chunks DROP COLUMN heading")
    assert "half changed" in refusal(library)


def test_a_library_without_its_version_is_refused(library):
    change(library, "DELETE FROM alembic_version")
    assert "half changed" in refusal(library)


def test_another_programs_database_is_refused(file):
    change(file, "CREATE TABLE recipes (name TEXT)")
    assert "is not a BasicChat library" in refusal(file)


def test_the_copy_holds_what_is_still_in_the_journal(library):
    store = SqlStore(library)
    add(store, make_document(2))
    copy = copy_aside(library, REVISION)
    store.close()
    copied = SqlStore(copy)
    with copied.begin() as unit:
        assert unit.documents.count() == 2
    copied.close()


def test_a_failed_migration_leaves_nothing_behind(file):
    change(file, "CREATE VIEW documents AS SELECT 1 AS id")
    assert refusal(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("documents",)]
