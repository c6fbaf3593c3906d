"""``tools``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


def test_list(cli: Cli) -> None:
    document = cli("tools", "list", "--json").document
    tools = {each["name"]: each for each in document["tools"]}
    assert {"calculator", "clock", "documents", "python", "table_sql", "units", "web_page", "web_search"} <= set(tools)
    assert (tools["calculator"]["standing"], tools["calculator"]["permissions"]) == ("always", [])
    assert (tools["web_page"]["standing"], tools["web_page"]["permissions"]) == ("ask", ["network"])
    assert tools["calculator"]["parameters"]["required"] == ["expression"]
    assert document["broken"] == []
    assert "calculator  on" in cli("tools", "list").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--json", '{"expression": "6 * 7"}'),
        ('--json={"expression": "6 * 7"}',),
        ('{"expression": "6 * 7"}', "--json"),
        ('{"expression": "6 * 7"}',),
    ],
)
def test_run_prints_the_typed_result(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli("tools", "run", "calculator", *arguments)
    assert ran.code == 0
    assert ran.document["parts"] == [{"kind": "text", "text": "6 * 7 = 42"}]
    assert (ran.document["tool"], ran.document["truncated"]) == ("calculator", False)


def test_arguments_from_a_file(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "arguments.json"
    file.write_text('{"expression": "1 + 1"}', encoding="utf-8")
    assert cli("tools", "run", "calculator", "--json", f"@{file}").document["text"] == "1 + 1 = 2"


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("calculator", '{"expression": "10**10**10"}', "invalid-input"),
        ("calculator", '{"expr": "1"}', "invalid-input"),
        ("calculator", "not json", "invalid-input"),
        ("calculator", "[1]", "invalid-input"),
        ("calculator", "@/nowhere", "invalid-input"),
        ("nobody", "{}", "not-found"),
        ("web_page", '{"address": "https://example.org/"}', "approval-needed"),
        ("write_file", '{"path": "a", "text": "x"}', "approval-needed"),
        ("files", "{}", "tool-denied"),
        ("python", '{"code": "open(\'/etc/passwd\')"}', "invalid-input"),
    ],
)
def test_a_refusal_is_a_clear_error(cli: Cli, name: str, arguments: str, code: str) -> None:
    ran = cli("tools", "run", name, "--json", arguments)
    assert ran.code == 2
    assert ran.document["error"]["code"] == code
    assert ran.document["error"]["hint"]


def test_allowed_once_is_not_allowed_again(cli: Cli) -> None:
    arguments = ("--json", '{"address": "http://127.0.0.1/"}')
    ran = cli("tools", "run", "web_page", "--allow", *arguments)
    assert (ran.code, ran.document["error"]["code"]) == (2, "tool-denied")
    assert cli("tools", "run", "web_page", *arguments).document["error"]["code"] == "approval-needed"


def test_without_the_network_nothing_is_asked(cli: Cli) -> None:
    for name, arguments in (("web_search", '{"query": "x"}'), ("web_page", '{"address": "https://example.org/"}')):
        ran = cli("tools", "run", name, "--allow", "--json", arguments)
        assert ran.code == 2
        assert "may not use the network" in ran.document["error"]["message"]


def test_turn_off_and_on(cli: Cli) -> None:
    assert cli("tools", "disable", "calculator", "--json").document == {
        "name": "calculator",
        "standing": "never",
        "enabled": False,
    }
    ran = cli("tools", "run", "calculator", "--json", '{"expression": "1"}')
    assert (ran.code, ran.document["error"]["code"]) == (2, "tool-denied")
    assert "basicchat tools enable calculator" in ran.err
    assert "calculator: on" in cli("tools", "enable", "calculator").out
    assert "web_page: on" in cli("tools", "enable", "web_page", "--standing", "always").out
    assert cli("tools", "enable", "nobody").code == 2


def test_a_tool_of_ones_own(cli: Cli, tmp_path: Path) -> None:
    file = Path(cli("tools", "new", "turn", "--json").document["file"])
    assert file.parent == tmp_path / "home" / "tools"
    assert cli("tools", "test", "turn", "--json").document == {"name": "turn", "ok": True, "examples": 1}
    assert cli("tools", "run", "turn", "--json", '{"text": "abc"}').document["text"] == "cba"
    assert cli("tools", "new", "turn").code == 2
    assert cli("tools", "new", "calculator").code == 2
    assert cli("tools", "new", "../up").code == 2
    file.write_text(file.read_text(encoding="utf-8").replace("[::-1]", "[::2] / 0"), encoding="utf-8")
    ran = cli("tools", "test", "turn")
    assert (ran.code, "TypeError" in ran.err) == (2, True)
    assert cli("tools", "run", "turn", "--json", '{"text": "abc"}').code == 1
    file.write_text("def broken(:", encoding="utf-8")
    assert "line 1" in cli("tools", "test", "turn").err
    assert cli("tools", "list", "--json").document["broken"][0]["origin"] == str(file)
    assert cli("tools", "run", "calculator", "--json", '{"expression": "1"}').code == 0


def test_every_call_is_on_the_record(cli: Cli, tmp_path: Path) -> None:
    cli("tools", "run", "calculator", "--json", '{"expression": "1 + 1"}')
    cli("tools", "run", "web_search", "--json", '{"query": "x"}')
    lines = (tmp_path / "home" / "logs" / "tools.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(json.loads(line)["tool"], json.loads(line)["outcome"]) for line in lines] == [
        ("calculator", "done"),
        ("web_search", "approval-needed"),
    ]


def test_documents_and_tables_of_the_library(filled: Cli, tmp_path: Path) -> None:
    found = filled("tools", "run", "documents", "--json", '{"query": "When does the ferry to Oban leave?"}').document
    assert "seven" in found["parts"][0]["sources"][0]["quote"]
    assert found["tainted"]
    assert "Rye bread" in filled("tools", "run", "reader", "--json", '{"document": "bread"}').document["text"]
    sheet = tmp_path / "costs.csv"
    sheet.write_text("item,cost\noak,1200\ntar,300\n", encoding="utf-8")
    filled("ingest", sheet)
    (info,) = filled("tables", "list", "--json").document["tables"]
    asked = f"SELECT sum(cost) AS paid FROM {info['sql_name']}"  # noqa: S608
    rows = filled("tools", "run", "table_sql", "--json", json.dumps({"sql": asked})).document["parts"][0]
    assert (rows["columns"], rows["rows"], rows["query"]) == (["paid"], [[1500]], asked)


def test_a_description_of_an_api_is_kept_and_its_operations_listed(cli: Cli, tmp_path: Path) -> None:
    paths = {"/towns": {"get": {"operationId": "listTowns", "summary": "All towns."}}}
    source = tmp_path / "weather.json"
    source.write_text(json.dumps({"openapi": "3.0.3", "paths": paths}), encoding="utf-8")
    found = cli("tools", "api", "weather", str(source), "--json").document
    assert found["operations"] == [{"id": "listTowns", "method": "GET", "path": "/towns"}]
    assert Path(found["file"]).read_bytes() == source.read_bytes()
    assert "weather__listtowns" not in {each["name"] for each in cli("tools", "list", "--json").document["tools"]}
    assert cli("tools", "api", "weather", str(tmp_path / "none.json")).code == 2
    assert cli("tools", "api", "../weather", str(source)).code == 2
    assert cli("tools", "api", "weather", "http://169.254.169.254/openapi.json").code == 2
