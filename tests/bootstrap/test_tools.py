"""The toolbox from the settings."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image

from basicchat.bootstrap import open_assistant
from basicchat.bootstrap.tools import PictureText, once, open_toolbox, toolkit, web_search
from basicchat.core.errors import BasicChatError, ToolDenied
from basicchat.core.types import Scope, TableInfo, ToolCall
from basicchat.resilience.search import FallbackSearch
from basicchat.settings import Settings
from basicchat.toolbox import text_of


def nobody():
    pytest.fail("the library was opened")


def test_a_tool_that_needs_no_library_opens_none(tmp_path: Path) -> None:
    box = open_toolbox(Settings(home=tmp_path), nobody)
    assert text_of(box.call("calculator", {"expression": "2 + 3"})) == "2 + 3 = 5"
    assert text_of(box.call("python", {"code": "sum(range(4))"})) == "6"


def test_a_file_in_the_home_is_a_tool_at_once(tmp_path: Path) -> None:
    box = open_toolbox(Settings(home=tmp_path), nobody)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "hello.py").write_text(
        "from basicchat.toolbox import tool\n@tool()\ndef hello() -> str:\n    'Says hello.'\n    return 'hi'\n",
        encoding="utf-8",
    )
    assert text_of(box.call("hello", {})) == "hi"


def test_the_assistant_has_its_tools(tmp_path: Path) -> None:
    note = tmp_path / "ferry.md"
    note.write_text("The ferry to Oban leaves at seven.\n", encoding="utf-8")
    with open_assistant(Settings(home=tmp_path / "home", profile="fake")) as assistant:
        assistant.ingest([note])
        called, returned = assistant.tools.run(ToolCall("documents", {"query": "ferry to Oban"}, id="1"))
        assert called.name == "documents"
        assert "leaves at seven" in returned.result
        assert "documents" in {spec.name for spec in assistant.tools.specs()}
        elsewhere = Scope("other")
        for name, arguments in (("documents", {"query": "ferry to Oban"}), ("reader", {"document": "ferry"})):
            *_, returned = assistant.tools.run(ToolCall(name, arguments), scope=elsewhere)
            assert "leaves at seven" not in returned.result


def test_tools_stay_within_the_scope_of_the_question(tmp_path: Path) -> None:
    for name in ("mine", "yours"):
        (tmp_path / f"{name}.csv").write_text(f"item,cost\n{name} oak,1200\n{name} tar,300\n", encoding="utf-8")
    with open_assistant(Settings(home=tmp_path / "home", profile="fake")) as assistant:
        assistant.ingest([tmp_path / "mine.csv"])
        assistant.ingest([tmp_path / "yours.csv"], collection="other")
        mine, yours = (assistant.tables.describe(collection=each)[0] for each in ("default", "other"))

        def summed(info: TableInfo, scope: Scope) -> str:
            arguments = {"sql": f"SELECT sum(cost) FROM {info.sql_name}"}  # noqa: S608 - a name of ours
            *_, returned = assistant.tools.run(ToolCall("table_sql", arguments), scope=scope)
            return returned.result

        assert "1500" in summed(mine, Scope())
        assert "1500" in summed(yours, Scope("other"))
        outside = [
            (yours, Scope()),
            (mine, Scope("other")),
            (mine, Scope(document_ids=(yours.document_id,))),
            (yours, Scope(document_ids=(yours.document_id,))),
            (mine, Scope(chunk_ids=())),
        ]
        for info, scope in outside:
            assert "does not exist" in summed(info, scope)
            assert "1500" not in summed(info, scope)
        nothing = Scope(chunk_ids=())
        for name, arguments in (
            ("documents", {"query": "mine oak"}),
            ("reader", {"document": "mine"}),
            ("table_sql", {}),
        ):
            *_, returned = assistant.tools.run(ToolCall(name, arguments), scope=nothing)
            assert "oak" not in returned.result


def test_what_settings_say_is_kept(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, tools={"folder": tmp_path, "sandbox": "monty", "output_kb": 1, "seconds": 3})
    (tmp_path / "a.txt").write_text("x" * 5000, encoding="utf-8")
    box = open_toolbox(settings, nobody)
    assert box.budget.seconds == 3
    assert box.call("files", {"path": "a.txt"}).truncated
    assert toolkit(settings, nobody).sandbox.name == "monty"


def test_the_network_can_be_taken_from_every_tool(tmp_path: Path) -> None:
    assert isinstance(web_search(Settings(home=tmp_path)), FallbackSearch)
    for settings in (Settings(home=tmp_path, tools={"network": False}), Settings(home=tmp_path, profile="fake")):
        kit = toolkit(settings, nobody)
        with pytest.raises(ToolDenied):
            kit.search.search("x", limit=1, seconds=1)
        with pytest.raises(ToolDenied):
            kit.pages.get("https://example.org/", seconds=1)


def test_a_picture_is_read_or_it_is_said_why_not(tmp_path: Path) -> None:
    file = tmp_path / "blank.png"
    Image.new("RGB", (40, 40), "white").save(file)
    with pytest.raises(BasicChatError):
        PictureText(Settings(home=tmp_path)).read(file.read_bytes())


def test_once_is_once_for_all_threads() -> None:
    made, together = [], threading.Barrier(4)
    given = once(lambda: made.append(1) or object())
    found = []

    def ask() -> None:
        together.wait()
        found.append(given())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(set(found))) == (1, 1)
