"""Tables in SQL, with the real DuckDB."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from basicchat.adapters.tables.duckdb import DuckDbTables
from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Rows
from basicchat.core.types import Document, Scope, Table
from basicchat.testing.tools import AskableTables, toolkit


@pytest.fixture
def kit(tmp_path: Path):
    tables = DuckDbTables(tmp_path / "tables.duckdb")
    document = Document("d" * 16, "default", "costs.csv", "costs", "text/csv", "x", 1, 1, 0.0)
    tables.add(document, [Table("costs", ("item", "cost"), (("oak", 1200), ("tar", 300)))])
    return toolkit(tables=AskableTables(tables))


def test_sums_are_computed_and_the_query_is_shown(run, kit) -> None:
    (rows,) = run("table_sql", kit, sql="SELECT sum(cost) AS paid FROM t_dddddddd_1").parts
    assert rows == Rows(("paid",), ((1500,),), query="SELECT sum(cost) AS paid FROM t_dddddddd_1")


def test_without_a_query_it_says_what_there_is(say, kit) -> None:
    assert "item VARCHAR, cost BIGINT): costs, 2 rows" in say("table_sql", kit)
    assert say("table_sql") == "No document in the library has a table."


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE t_dddddddd_1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY t_dddddddd_1 TO '/tmp/x.csv'",
        "ATTACH '/tmp/x.db'",
        "SELECT 1; SELECT 2",
        "SELECT wrong FROM t_dddddddd_1",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_anything_else_is_refused_and_told_with_the_tables(say, kit, sql: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        say("table_sql", kit, sql=sql)
    assert "t_dddddddd_1" in caught.value.hint


def test_a_sheet_outside_the_scope_cannot_be_read(say, kit) -> None:
    elsewhere = replace(kit, scope=Scope(document_ids=("e" * 16,)))
    with pytest.raises(InvalidInput, match="t_dddddddd_1 does not exist") as caught:
        say("table_sql", elsewhere, sql="SELECT sum(cost) FROM t_dddddddd_1")
    assert "costs" not in caught.value.hint
    within = replace(kit, scope=Scope(document_ids=("d" * 16,)))
    assert "1500" in say("table_sql", within, sql="SELECT sum(cost) FROM t_dddddddd_1")
