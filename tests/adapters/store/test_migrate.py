from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

from basicchat.adapters.store.connection import WRITES, open_engine
from basicchat.adapters.store.migrate import FOLDER, copy_aside
from basicchat.adapters.store.schema import REVISION, metadata
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.codec import to_json
from basicchat.core.errors import StoreError
from basicchat.testing.contracts.store_values import add, make_chunks, make_document, make_pages


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


@pytest.fixture
def first_library(file):
    """The file of a library as the first tables held it: one document of two pages."""
    document = make_document(2, pages=2)
    engine = open_engine(URL.create("sqlite", database=str(file)))
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(FOLDER))
        command.upgrade(config, "0001")
        connection.commit()
    engine.dispose()
    pages = [(document.id, page.number, page.text, json.dumps(to_json(page.headings))) for page in make_pages(document)]
    chunks = [
        (
            chunk.id,
            document.id,
            chunk.ordinal,
            chunk.page,
            chunk.start,
            chunk.end,
            chunk.text,
            json.dumps(chunk.heading),
        )
        for chunk in make_chunks(document)
    ]
    row = {**vars_of(document), "indexed": 1}
    with closing(sqlite3.connect(file)) as connection:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO documents ({names}) VALUES ({marks})", row)  # noqa: S608 - names of columns
        connection.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", pages)
        connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", chunks)
        connection.execute("INSERT INTO sources VALUES (?, ?, 0, ?)", ("default", document.source, document.id))
        connection.execute("INSERT INTO vectors VALUES ('a@1', 'digest', ?)", (b"\0" * 8,))
        connection.execute("INSERT INTO named_values VALUES ('name', '1')")
        connection.commit()
    return file


def vars_of(document):
    """The columns that the first tables had for a document."""
    columns = {name: value for name, value in to_json(document).items() if name != "tags"}
    return columns | {name: json.dumps(columns[name]) for name in ("metadata", "warnings")}


def test_a_library_of_the_first_tables_keeps_everything(first_library):
    store = SqlStore(first_library)
    document = make_document(2, pages=2)
    with store.begin() as unit:
        assert unit.documents.get(document.id) == replace(document, indexed=True)
        plain = [replace(page, label="", anchors=(), boxes=()) for page in make_pages(document)]
        assert unit.documents.pages(document.id) == plain
        assert unit.documents.chunks(document.id) == [replace(chunk, place="") for chunk in make_chunks(document)]
        assert unit.documents.sources_of(document.id) == [document.source]
        assert unit.documents.kept("a@1") == {"digest"}
        assert unit.get_value("name") == 1
    add(store, make_document(3))
    assert store.check() == []
    store.close()


def test_a_library_is_copied_aside_before_it_is_changed(first_library):
    SqlStore(first_library).open().dispose()
    copy = first_library.with_name(f"{first_library.name}.revision-0001.backup")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT count(*) FROM chunks").fetchone() == (4,)
