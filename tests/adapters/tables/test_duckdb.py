from __future__ import annotations

# ruff: noqa: S608 - the queries are the subject
from pathlib import Path

import pytest

from basicchat.adapters.tables.duckdb import DuckDbTables
from basicchat.core.errors import InvalidInput, StoreError
from basicchat.core.types import Table
from basicchat.testing.contracts.table_index import CREW, document


@pytest.fixture
def index(tmp_path: Path) -> DuckDbTables:
    tables = DuckDbTables(tmp_path / "tables.duckdb")
    tables.add(document("ship"), [CREW])
    return tables


def test_no_query_reaches_a_file(index: DuckDbTables, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nswordfish\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM read_blob('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"SELECT * FROM glob('{tmp_path}/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        f"COPY t_shipship_1 TO '{out}'",
        f"SELECT * FROM query('COPY t_shipship_1 TO ''{out}''')",
        f"ATTACH '{out}'",
        f"EXPORT DATABASE '{out}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '8GB'",
        "CALL pragma_version()",
        "WITH gone AS (DELETE FROM t_shipship_1 RETURNING *) SELECT * FROM gone",
    ):
        with pytest.raises(InvalidInput):
            index.query(sql)
    assert not out.exists()
    assert index.query("SELECT count(*) FROM t_shipship_1").rows == ((2,),)


def test_a_query_sees_no_variable_of_the_program(index: DuckDbTables) -> None:
    words = [("swordfish",)]  # a name that DuckDB would look up in the caller
    with pytest.raises(InvalidInput):
        index.query("SELECT * FROM words")
    assert words


def test_a_query_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    index = DuckDbTables(tmp_path / "tables.duckdb", seconds=0.2)
    index.add(document("ship"), [CREW])
    with pytest.raises(InvalidInput, match="longer"):
        index.query("SELECT count(*) FROM range(100000000000) a, range(1000000)")
    assert index.query("SELECT 1").rows == ((1,),)


def test_a_query_of_too_much_memory_is_refused(index: DuckDbTables) -> None:
    with pytest.raises(InvalidInput):
        index.query("SELECT list(x) FROM (SELECT range AS x FROM range(2000000000) ORDER BY hash(range))")


def test_a_very_long_query(index: DuckDbTables) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        index.query("SELECT 1 " + " " * 20_000)


def test_it_is_kept(index: DuckDbTables, tmp_path: Path) -> None:
    again = DuckDbTables(tmp_path / "tables.duckdb")
    assert again.describe() == index.describe()
    assert again.query("SELECT name FROM t_shipship_1 ORDER BY _row").rows == (("Anna",), ("Bo",))


def test_names_that_are_words_of_sql(tmp_path: Path) -> None:
    index = DuckDbTables(tmp_path / "tables.duckdb")
    index.add(document("ship"), [Table("odd", ("Select", "select", "2019", '"; DROP', ""), ((1, 2, 3, 4, 5),))])
    (info,) = index.describe()
    names = [name for name, _ in info.columns]
    assert names == ["_row", "_total", "select_", "select__2", "c_2019", "drop", "column_5"]
    assert index.query(f"SELECT {', '.join(names)} FROM {info.sql_name}").rows == ((1, False, 1, 2, 3, 4, 5),)


def test_a_damaged_file_is_named_and_can_be_cleared(tmp_path: Path) -> None:
    path = tmp_path / "tables.duckdb"
    path.write_bytes(b"not a database" * 1000)
    index = DuckDbTables(path)
    with pytest.raises(StoreError):
        index.describe()
    index.clear()
    assert index.describe() == []
    index.add(document("ship"), [CREW])
    assert len(index.describe()) == 1


def test_a_failed_adding_changes_nothing(index: DuckDbTables) -> None:
    broken = Table("broken", ("a", "b"), ((1,),))
    with pytest.raises((IndexError, StoreError)):
        index.add(document("ship"), [CREW, broken])
    assert [info.title for info in index.describe()] == ["ship: Crew"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM query_table('t_portport_1')",
        "SELECT * FROM query('SELECT * FROM t_port' || 'port_1')",
        "SELECT * FROM kept.t_portport_1",
        "SELECT * FROM kept.main.t_portport_1",
        "SELECT * FROM _tables",
        "SELECT * FROM tables.main.t_portport_1",
    ],
)
def test_no_trick_reads_a_table_of_another_document(index: DuckDbTables, sql: str) -> None:
    index.add(document("port"), [CREW])
    with pytest.raises(InvalidInput):
        index.query(sql, document_ids=[document("ship").id])


def test_nothing_tells_of_tables_of_other_documents(index: DuckDbTables, tmp_path: Path) -> None:
    index.add(document("port"), [CREW])
    ship = [document("ship").id]
    for source in ("duckdb_tables()", "information_schema.tables", "duckdb_columns()", "pragma_show('t_shipship_1')"):
        shown = index.query(f"SELECT * FROM {source} -- t_shipship_1", document_ids=ship)
        assert "portport" not in str(shown.rows)
    shown = index.query("SELECT path FROM duckdb_databases()", document_ids=ship)
    assert str(tmp_path) not in str(shown.rows)
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nswordfish\n", encoding="utf-8")
    for sql in (f"SELECT * FROM '{secret}'", f"SELECT * FROM read_csv('{secret}')", "SELECT * FROM glob('/*')"):
        with pytest.raises(InvalidInput):
            index.query(sql, document_ids=ship)


def test_the_folder_may_have_an_apostrophe(tmp_path: Path) -> None:
    folder = tmp_path / "Bo's"
    tables = DuckDbTables(folder / "tables.duckdb")
    tables.add(document("ship"), [CREW])
    tables.add(document("port"), [CREW])
    found = tables.query("SELECT count(*) FROM t_shipship_1", document_ids=[document("ship").id])
    assert found.rows == ((2,),)
