"""BasicChat as an MCP server, spoken to with the protocol's own client."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from basicchat.testing.tools import MemoryDocuments, toolkit
from basicchat.toolbox import Picture, Registry, Toolbox, builtin_folder, tool
from basicchat.toolbox.mcp_server import server_of
from basicchat.toolbox.registry import Found

LIBRARY = MemoryDocuments({"Ferry guide": ["The ferry to Oban leaves at seven."]})


@tool()
def draw() -> Picture:
    """Draws a picture."""
    return Picture(b"\x89PNG", "image/png", "a plot")


def box() -> Toolbox:
    registry = Registry(builtin=builtin_folder(), elsewhere=lambda: [Found(draw, "here")])
    return Toolbox(registry, toolkit=lambda: toolkit(documents=LIBRARY))


def asked(work: Callable[[Client], Awaitable[Any]], tools: Toolbox | None = None) -> Any:
    async def main() -> Any:
        async with Client(server_of(tools or box(), version="1")) as client:
            return await work(client)

    return apart(main)


def apart(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run it in a thread of its own: tests in a browser leave an event loop running in the main one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


def test_a_public_client_lists_the_tools_that_are_on() -> None:
    tools = box()
    tools.set("data", "never")
    found = {each.name: each for each in asked(lambda client: client.list_tools(), tools).tools}
    assert {"calculator", "documents", "reader", "web_page"} <= set(found)
    assert "data" not in found
    assert found["calculator"].input_schema["required"] == ["expression"]
    assert found["documents"].annotations.read_only_hint
    assert not found["write_file"].annotations.read_only_hint


def test_a_public_client_calls_them() -> None:
    answer = asked(lambda client: client.call_tool("calculator", {"expression": "6 * 7"}))
    assert (answer.is_error, answer.content[0].text) == (False, "6 * 7 = 42")
    answer = asked(lambda client: client.call_tool("documents", {"query": "ferry to Oban"}))
    assert "leaves at seven" in answer.content[0].text
    assert answer.structured_content["parts"][0]["sources"][0]["title"] == "Ferry guide"
    assert answer.structured_content["tainted"]


def test_pictures_come_as_pictures() -> None:
    answer = asked(lambda client: client.call_tool("draw", {}))
    assert [block.type for block in answer.content] == ["text", "image"]


def test_what_would_have_to_ask_is_refused_with_words() -> None:
    tools = box()
    answer = asked(lambda client: client.call_tool("write_file", {"path": "a", "text": "x"}), tools)
    assert answer.is_error
    assert "basicchat tools enable write_file --standing always" in answer.content[0].text
    assert [entry.outcome for entry in tools.audit.entries()] == ["approval-needed"]


def test_errors_are_words_for_a_model() -> None:
    answer = asked(lambda client: client.call_tool("calculator", {"expression": "10**10**10"}))
    assert (answer.is_error, "too large" in answer.content[0].text) == (True, True)
    assert asked(lambda client: client.call_tool("nobody", {})).is_error


def test_over_standard_input_and_output(tmp_path: Path) -> None:
    command = ["-m", "basicchat", "--home", str(tmp_path / "home"), "--profile", "fake", "mcp"]

    async def main() -> tuple[Any, Any]:
        with (tmp_path / "errors.txt").open("w", encoding="utf-8") as errors:
            program = stdio_client(StdioServerParameters(command=sys.executable, args=command), errlog=errors)
            async with Client(program) as client:
                listed = await client.list_tools()
                return listed, await client.call_tool("documents", {"query": "anything"})

    listed, answer = apart(main)
    assert "calculator" in {each.name for each in listed.tools}
    assert answer.content[0].text == "Nothing was found."
