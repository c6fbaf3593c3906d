"""HTTP APIs as tools, against a real server on this machine that does everything wrong."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from basicchat.adapters.web.api import GuardedApi, OneOrigin, origin_of
from basicchat.bootstrap.tools import http_apis, open_toolbox
from basicchat.core.errors import ApprovalNeeded, BasicChatError, FetchFailed, InvalidInput, NotFound, ToolDenied
from basicchat.core.tools import Rows
from basicchat.settings import Settings
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.file_server import Fault, FileServer
from basicchat.toolbox import Toolbox, text_of

SECRET = "Bearer s3cr3t-of-the-owner"
PATHS: dict[str, Any] = {
    "/towns/{town}": {
        "get": {
            "operationId": "getTown",
            "summary": "Weather of a town.",
            "parameters": [
                {"name": "town", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "days", "in": "query", "schema": {"type": "integer", "minimum": 1}},
            ],
        },
        "delete": {
            "operationId": "removeTown",
            "parameters": [{"name": "town", "in": "path", "schema": {"type": "string"}}],
        },
    },
    "/towns": {
        "post": {
            "operationId": "addTown",
            "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["name"]}}}},
        }
    },
}


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        for path in ("/towns/Oban", "/towns"):
            running.files[path] = json.dumps([{"day": 1, "degrees": 12}, {"day": 2, "degrees": 13}]).encode()
            running.types[path] = "application/json"
        yield running


Make = Callable[..., Toolbox]


@pytest.fixture
def made(server: FileServer, tmp_path: Path) -> Make:
    def box(**api: Any) -> Toolbox:
        file = tmp_path / "weather.json"
        file.write_text(json.dumps({"openapi": "3.0.3", "paths": PATHS}), encoding="utf-8")
        told = {
            "description": file,
            "operations": ("getTown", "addTown"),
            "address": server.url,
            "inside": True,
            "secret": SECRET,
            **api,
        }
        settings = Settings(home=tmp_path / "home", tools={"api": {"weather": told}})
        return open_toolbox(settings, lambda: pytest.fail("the library was opened"))

    return box


def yes(request: object) -> str:
    return "yes"


def test_an_allowed_operation_asks_and_gives_a_table(server: FileServer, made: Make) -> None:
    box = made()
    info = box.status("weather__gettown").info
    assert (info.permissions, info.tainted, info.description) == (frozenset({"network"}), True, "Weather of a town.")
    with pytest.raises(ApprovalNeeded):
        box.call("weather__gettown", {"town": "Oban"})
    result = box.call("weather__gettown", {"town": "Oban", "days": 2}, ask=yes)
    assert result.parts == (Rows(("day", "degrees"), ((1, 12), (2, 13))),)
    assert result.tainted
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", "/towns/Oban")


def test_writing_is_told_from_reading_and_sends_json(server: FileServer, made: Make) -> None:
    box = made()
    assert box.status("weather__addtown").info.permissions == {"network", "write"}
    box.call("weather__addtown", {"body": {"name": "Oban"}}, ask=yes)
    (request,) = server.requests
    assert (request.method, request.path, json.loads(request.body)) == ("POST", "/towns", {"name": "Oban"})


def test_an_operation_that_was_not_allowed_is_no_tool(made: Make) -> None:
    with pytest.raises(NotFound):
        made().call("weather__removetown", {"town": "Oban"}, ask=yes)
    assert [each.reason for each in made(operations=("nothing",)).broken()] == ["it has no operation nothing"]


def test_the_secret_is_sent_and_nobody_sees_it(server: FileServer, made: Make, tmp_path: Path) -> None:
    server.files["/towns/Oban"] = json.dumps({"you sent": SECRET, "token": SECRET.split()[1]}).encode()
    box = made()
    result = box.call("weather__gettown", {"town": "Oban"}, ask=yes)
    assert server.requests[0].headers["authorization"] == SECRET
    assert text_of(result).count("[secret]") == 2
    kept = "".join(file.read_text() for file in (tmp_path / "home").rglob("*") if file.is_file())
    shown = f"{box.tools()} {text_of(result)} {box.audit.entries()} {kept}"
    assert "s3cr3t" not in shown
    assert "s3cr3t" not in repr(Settings(home=tmp_path, tools={"api": {"weather": {"secret": SECRET}}}))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"town": ".."},
        {"town": "."},
        {"town": ""},
        {"town": 3},
        {"town": "Oban", "days": 0},
        {"town": "x", "url": "http://x"},
    ],
)
def test_arguments_that_do_not_fit_are_refused_unsent(
    server: FileServer, made: Make, arguments: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        made().call("weather__gettown", arguments, ask=yes)
    assert server.requests == []


def test_an_argument_cannot_leave_its_place(server: FileServer, made: Make) -> None:
    with pytest.raises(FetchFailed, match="404"):
        made().call("weather__gettown", {"town": "../../admin?x=1#y"}, ask=yes)
    assert server.requests[0].path.startswith("/towns/..%2F..%2Fadmin%3Fx%3D1%23y")


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest",
        "http://localhost:1/",
        "https://evil.example/",
        "file:///etc/passwd",
        "//10.0.0.1/",
    ],
)
def test_no_redirect_leads_to_another_origin(server: FileServer, made: Make, location: str) -> None:
    server.faults["/towns/Oban"] = [Fault(status=302, location=location)]
    with pytest.raises(ToolDenied):
        made().call("weather__gettown", {"town": "Oban"}, ask=yes)
    assert len(server.requests) == 1


def test_a_redirect_within_is_followed_for_reading_alone(server: FileServer, made: Make) -> None:
    server.faults["/towns/Skye"] = [Fault(status=302, location="/towns/Oban")]
    assert made().call("weather__gettown", {"town": "Skye"}, ask=yes).parts[0].columns == ("day", "degrees")
    server.faults["/towns"] = [Fault(status=307, location="/towns/Oban")]
    with pytest.raises(FetchFailed, match="not followed"):
        made().call("weather__addtown", {"body": {"name": "x"}}, ask=yes)
    server.faults["/towns/round"] = [Fault(status=301, location="/towns/round")] * 20
    with pytest.raises(FetchFailed, match="only leads on"):
        made().call("weather__gettown", {"town": "round"}, ask=yes)


@pytest.mark.parametrize(("status", "words"), [(429, "left alone"), (401, "401"), (404, "404"), (500, "500")])
def test_a_refusal_is_told(server: FileServer, made: Make, status: int, words: str) -> None:
    server.faults["/towns/Oban"] = [Fault(status=status)]
    with pytest.raises(FetchFailed, match=words):
        made().call("weather__gettown", {"town": "Oban"}, ask=yes)


def asked(server: FileServer, **limits: Any) -> object:
    from basicchat.core.tools import ApiOrder

    sender = GuardedApi(server.url, offline=False, ledger=EgressLedger(), inside=True, most_wait=0.3, **limits)
    return sender.send(ApiOrder("GET", f"{server.url}/towns/Oban"), seconds=5)


def test_a_server_that_stalls_lies_or_breaks_off(server: FileServer) -> None:
    over = threading.Event()
    for fault in (Fault(cut_after=3, hold=over), Fault(claim=10_000), Fault(cut_after=3)):
        server.faults["/towns/Oban"] = [fault]
        with pytest.raises(FetchFailed):
            asked(server)
    over.set()


def test_bombs_and_what_is_too_much(server: FileServer) -> None:
    server.files["/towns/Oban"] = gzip.compress(b"0" * 50_000_000)
    server.packed["/towns/Oban"] = "gzip"
    with pytest.raises(FetchFailed, match="more than"):
        asked(server)
    del server.packed["/towns/Oban"]
    server.files["/towns/Oban"] = b"x" * 2_000_000
    with pytest.raises(FetchFailed, match="more than"):
        asked(server)


def test_what_is_neither_text_nor_json_is_refused(server: FileServer, made: Make) -> None:
    server.types["/towns/Oban"] = "application/octet-stream"
    with pytest.raises(InvalidInput, match="octet-stream"):
        made().call("weather__gettown", {"town": "Oban"}, ask=yes)
    server.types["/towns/Oban"] = "application/json"
    for body in (b"{", b"[" * 100_000):
        server.files["/towns/Oban"] = body
        with pytest.raises(InvalidInput, match="cannot be read"):
            made().call("weather__gettown", {"town": "Oban"}, ask=yes)


def test_an_inner_host_is_asked_only_where_its_owner_named_it(server: FileServer, made: Make) -> None:
    with pytest.raises(ToolDenied):
        made(inside=False, secret="").call("weather__gettown", {"town": "Oban"}, ask=yes)
    for address in ("http://10.0.0.1:8000", "http://printer.local", "http://169.254.169.254"):
        with pytest.raises(BasicChatError):
            made(inside=False, address=address, secret="").call("weather__gettown", {"town": "Oban"}, ask=yes)
    assert server.requests == []


def test_a_description_cannot_name_an_inner_host(server: FileServer, made: Make, tmp_path: Path) -> None:
    box = made(address="", secret="")
    (tmp_path / "weather.json").write_text(
        json.dumps({"openapi": "3.0.3", "servers": [{"url": server.url}], "paths": PATHS}), encoding="utf-8"
    )
    with pytest.raises(ToolDenied):
        box.call("weather__gettown", {"town": "Oban"}, ask=yes)
    assert server.requests == []


def test_a_secret_is_not_sent_without_https() -> None:
    from basicchat.core.tools import ApiOrder

    sender = GuardedApi("http://shop.example", offline=False, ledger=EgressLedger(), headers={"Authorization": SECRET})
    with pytest.raises(ToolDenied, match="without https"):
        sender.send(ApiOrder("GET", "http://shop.example/x"), seconds=1)


def test_an_origin_is_scheme_host_and_port() -> None:
    border = OneOrigin(*origin_of("https://shop.example"), False)
    assert border.check("https://SHOP.example:443/x") == "shop.example"
    for other in (
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example.evil.example/",
        "https://a@shop.example/",
    ):
        with pytest.raises(ToolDenied):
            border.check(other)
    private = replace(border.public, resolve=lambda host, port: ["10.0.0.1"])
    with pytest.raises(ToolDenied):
        replace(border, public=private).address("shop.example", 443)
    assert replace(border, public=private, inside=True).address("shop.example", 443) == "10.0.0.1"


def test_an_operation_that_changed_is_asked_for_again(made: Make, tmp_path: Path) -> None:
    box = made()
    box.set("weather__gettown", "always")
    changed = json.dumps({"openapi": "3.0.3", "paths": PATHS}).replace("Weather of a town.", "Send it all.")
    (tmp_path / "weather.json").write_text(changed, encoding="utf-8")
    assert box.status("weather__gettown").standing == "ask"


def test_a_description_that_is_wrong_is_reported(made: Make, tmp_path: Path) -> None:
    box = made()
    for text in ("no json", "[]", "{}"):
        (tmp_path / "weather.json").write_text(text, encoding="utf-8")
        assert [each.origin for each in box.broken()] == ["API weather"]
    (tmp_path / "weather.json").unlink()
    assert "cannot be read" in box.broken()[0].reason


def test_no_api_where_tools_may_not_use_the_network(tmp_path: Path) -> None:
    assert http_apis(Settings(home=tmp_path, tools={"network": False, "api": {"weather": {}}})) == []
