"""Every built-in tool keeps the contract, and enters by the door that everybody's tools use."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from basicchat.core.tools import Tool, Toolkit
from basicchat.testing.contracts.tool import ToolContract
from basicchat.testing.tools import toolkit
from basicchat.toolbox import Registry, builtin_folder

NAMES = [
    *("calculator", "clock", "data", "documents", "files", "image", "python", "reader", "table_sql", "units"),
    *("web_page", "web_search", "write_file"),
]


class TestBuiltInTools(ToolContract):
    @pytest.fixture(params=NAMES)
    def tool(self, request: pytest.FixtureRequest, registry: Registry) -> Tool:
        return registry.look().tools[request.param].tool

    @pytest.fixture
    def kit(self) -> Toolkit:
        return toolkit()


def test_they_are_all_there_and_none_is_broken(registry: Registry) -> None:
    shelf = registry.look()
    assert sorted(shelf.tools) == NAMES
    assert shelf.broken == ()


def test_what_reaches_out_says_so(registry: Registry) -> None:
    tools = registry.look().tools
    outward = {name for name in tools if tools[name].tool.info.permissions & {"write", "network"}}
    assert outward == {"web_page", "web_search", "write_file"}
    tainted = {name for name in tools if tools[name].tool.info.tainted}
    assert tainted == {"documents", "files", "image", "reader", "table_sql", "web_page", "web_search"}


@pytest.mark.parametrize("file", sorted(builtin_folder().glob("*.py")), ids=lambda file: file.stem)
def test_a_tool_file_imports_only_the_public_names_of_the_toolbox(file: Path) -> None:
    import basicchat.toolbox

    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("basicchat", "tools")):
            assert node.module == "basicchat.toolbox"
            assert {alias.name for alias in node.names} <= set(basicchat.toolbox.__all__)
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith(("basicchat", "tools")) for alias in node.names)
