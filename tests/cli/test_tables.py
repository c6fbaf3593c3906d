"""``tables``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Cli


def test_ask_a_table(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "costs.csv"
    source.write_text('item,cost\nOak,"$1,200"\nTar,(300)\nTotal,900\n', encoding="utf-8")
    assert cli("ingest", source).code == 0
    (info,) = cli("tables", "list", "--json").document["tables"]
    assert info["row_count"] == 3
    assert info["sql_name"] in cli("tables", "list").out
    asked = f"SELECT sum(cost) AS paid FROM {info['sql_name']} WHERE NOT _total"  # noqa: S608
    assert cli("tables", "query", asked, "--json").document == {"columns": ["paid"], "rows": [[900]]}
    assert cli("tables", "query", asked).out.split() == ["paid", "----", "900"]
    document = info["document_id"]
    assert cli("library", "remove", document).code == 0
    assert cli("tables", "list", "--json").document == {"tables": []}


def test_no_tables(cli: Cli) -> None:
    ran = cli("tables", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "basicchat ingest" in ran.err


def test_anything_but_a_select_is_refused(filled: Cli) -> None:
    assert filled("tables", "query", "DROP TABLE x").code == 2
    assert filled("tables", "query", "SELECT 1", "--limit", "0").code == 2
