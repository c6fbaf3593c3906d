"""The protocol over HTTP, both ways: our server and our client, with a real socket between them."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from basicchat.bootstrap.tools import mcp_servers
from basicchat.core.errors import ApprovalNeeded, DeadlineExceeded, ProviderUnavailable, ToolDenied
from basicchat.settings import Settings
from basicchat.testing.tools import MemoryDocuments, toolkit
from basicchat.toolbox import Registry, Toolbox, builtin_folder, text_of
from basicchat.toolbox.mcp_client import McpAddress, McpProgram, McpTools
from basicchat.toolbox.mcp_http import app_of, token_in

TOKEN = "a-token-of-this-test"
LIBRARY = MemoryDocuments({"Ferry guide": ["The ferry to Oban leaves at seven."]})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """BasicChat, served over HTTP."""
    box = Toolbox(Registry(builtin=builtin_folder()), toolkit=lambda: toolkit(documents=LIBRARY))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app_of(box, version="1", token=TOKEN), log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join(10)


def there(url: str, token: str = TOKEN) -> McpAddress:
    return McpAddress("other", url, {"Authorization": f"Bearer {token}"})


def test_tools_of_a_server_over_http_ask_first_and_run(url: str) -> None:
    box = Toolbox(Registry(elsewhere=McpTools([there(url)])), toolkit=toolkit)
    status = box.status("other__calculator")
    assert (status.standing, status.origin, status.info.tainted) == ("ask", "MCP server other", True)
    with pytest.raises(ApprovalNeeded):
        box.call("other__calculator", {"expression": "6 * 7"})
    assert text_of(box.call("other__calculator", {"expression": "6 * 7"}, ask=lambda request: "yes")) == "6 * 7 = 42"
    found = box.call("other__documents", {"query": "ferry"}, ask=lambda request: "yes")
    assert "leaves at seven" in text_of(found)


def test_without_the_token_nothing_is_told(url: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        answer = httpx.post(url, headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert (answer.status_code, answer.content) == (401, b"")
    box = Toolbox(Registry(elsewhere=McpTools([there(url, "wrong")])), toolkit=toolkit)
    assert box.names() == ()
    assert "other" in box.broken()[0].reason


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_a_page_in_a_browser_cannot_ask_even_with_the_token(url: str, header: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json, text/event-stream", **header}
    answer = httpx.post(url, headers=headers, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code in (403, 421)


@pytest.mark.parametrize(
    "address", ["http://other.example/mcp", "file:///etc/passwd", "https://a:b@other.example/", "x", "http://[::1"]
)
def test_an_address_that_is_not_asked(address: str) -> None:
    with pytest.raises(ToolDenied):
        there(address).ask(lambda client: client.list_tools(), seconds=1)


def test_a_server_that_is_not_there_or_hangs_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises((DeadlineExceeded, ProviderUnavailable)):
            there(f"http://127.0.0.1:{port}/mcp").ask(lambda client: client.list_tools(), seconds=0.5)
    with pytest.raises(ProviderUnavailable):
        there(f"http://127.0.0.1:{port}/mcp").ask(lambda client: client.list_tools(), seconds=5)


def test_servers_from_the_settings(tmp_path: Path) -> None:
    named = {"web": {"address": "https://mcp.example/mcp", "secret": "Bearer s3cr3t"}, "here": {"command": "weather"}}
    settings = Settings(home=tmp_path, tools={"mcp": named})
    web, here = mcp_servers(settings)
    assert isinstance(web, McpAddress)
    assert isinstance(here, McpProgram)
    assert (web.address, dict(web.headers)) == ("https://mcp.example/mcp", {"Authorization": "Bearer s3cr3t"})
    assert "s3cr3t" not in f"{settings!r} {web!r}"
    for wrong in ({}, {"command": "x", "address": "https://x"}):
        with pytest.raises(ValueError, match="either a command or an address"):
            Settings(home=tmp_path, tools={"mcp": {"odd": wrong}})


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "mcp-token"
    token = token_in(file)
    assert len(token) > 30
    assert token_in(file) == token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
