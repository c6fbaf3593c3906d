"""Search engines, played by a real server on this machine."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator

import pytest

from basicchat.adapters.web.search import DdgsSearch, SearxngSearch, known_engines
from basicchat.core.errors import (
    BadReply,
    InvalidInput,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from basicchat.core.tools import WebResult
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.faulty_server import refused_url
from basicchat.testing.file_server import Fault, FileServer

RESULTS = {
    "results": [
        {"title": "Ferry &amp; times", "url": "https://example.org/ferry", "content": "Leaves  at seven."},
        {"title": "A trap", "url": "javascript:alert(1)", "content": ""},
        {"title": "", "url": "https://example.org/b", "content": None},
    ]
}
FOUND = [
    WebResult("Ferry & times", "https://example.org/ferry", "Leaves at seven."),
    WebResult("https://example.org/b", "https://example.org/b", ""),
]
PAGE = b"""<html><body><div class="result results_links"><div class="links_main result__body">
<h2 class="result__title"><a href="https://example.org/ferry">Ferry times</a></h2>
<a class="result__snippet" href="https://example.org/ferry">Leaves at seven.</a></div></div></body></html>"""


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        running.files["/search"] = json.dumps(RESULTS).encode()
        running.files["/html/"] = PAGE
        running.types["/html/"] = "text/html; charset=utf-8"
        yield running


@pytest.fixture
def ledger() -> EgressLedger:
    return EgressLedger()


@pytest.fixture
def searxng(server: FileServer, ledger: EgressLedger) -> SearxngSearch:
    return SearxngSearch(server.url, ledger=ledger, timeout=0.3)


@pytest.fixture
def ddgs(server: FileServer, ledger: EgressLedger) -> DdgsSearch:
    return DdgsSearch("duckduckgo", ledger=ledger, address=f"{server.url}/html/", most_bytes=100_000)


def test_searxng_gives_results_with_addresses_of_the_web(server, searxng, ledger) -> None:
    assert searxng.search("ferry to Oban", limit=5, seconds=5) == FOUND
    assert searxng.search("ferry", limit=1, seconds=5) == FOUND[:1]
    assert server.requests[0].path == "/search"
    assert [entry.purpose for entry in ledger.entries()] == ["web search"] * 2


def test_ddgs_reads_what_the_engine_answers(ddgs, ledger) -> None:
    (found,) = ddgs.search("ferry to Oban", limit=5, seconds=5)
    assert found.address == "https://example.org/ferry"
    assert "Ferry times" in found.title
    (entry,) = ledger.entries()
    assert (entry.host, entry.received, entry.purpose) == ("127.0.0.1", len(PAGE), "web search")


@pytest.mark.parametrize(("status", "kind"), [(202, RateLimited), (429, RateLimited), (500, ProviderUnavailable)])
def test_ddgs_an_engine_that_refuses_is_told(server, ddgs, status: int, kind: type[ProviderError]) -> None:
    server.faults["/html/"] = [Fault(status=status)]
    with pytest.raises(kind, match=str(status)):
        ddgs.search("x", limit=5, seconds=5)


@pytest.mark.parametrize("status", [202, 429, 500])
def test_searxng_an_engine_that_refuses_is_told(server, searxng, status: int) -> None:
    server.faults["/search"] = [Fault(status=status)]
    with pytest.raises(ProviderUnavailable, match=str(status)):
        searxng.search("x", limit=5, seconds=5)


def test_a_page_that_suspects_a_machine_is_no_empty_answer(server, ddgs) -> None:
    server.files["/html/"] = b"<html><body><div class='anomaly-modal__title'>Select all ducks</div></body></html>"
    with pytest.raises(RateLimited):
        ddgs.search("x", limit=5, seconds=5)


def test_nothing_found_is_nothing(server, ddgs, searxng) -> None:
    server.files["/html/"] = b"<html><body>No results.</body></html>"
    server.files["/search"] = b'{"results": []}'
    assert ddgs.search("x", limit=5, seconds=5) == []
    assert searxng.search("x", limit=5, seconds=5) == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"results": 3}', b'{"results": [3]}', b"\xff"])
def test_searxng_what_is_no_list_is_told(server, searxng, body: bytes) -> None:
    server.files["/search"] = body
    with pytest.raises(BadReply):
        searxng.search("x", limit=5, seconds=5)


def test_redirects_lead_nowhere_else(server, ddgs, searxng) -> None:
    server.faults["/html/"] = [Fault(status=302, location="http://10.0.0.1/")]
    server.faults["/search"] = [Fault(status=302, location="https://elsewhere.example/")]
    for engine in (ddgs, searxng):
        with pytest.raises(ProviderUnavailable):
            engine.search("x", limit=5, seconds=5)


def test_an_engine_that_stalls_is_left(server, ddgs, searxng) -> None:
    over = threading.Event()
    server.faults["/html/"] = [Fault(cut_after=3, hold=over)]
    server.faults["/search"] = [Fault(cut_after=3, hold=over)]
    with pytest.raises((ProviderTimeout, ProviderUnavailable)):
        ddgs.search("x", limit=5, seconds=0.5)
    with pytest.raises(ProviderUnavailable):
        searxng.search("x", limit=5, seconds=0.5)
    over.set()


def test_a_length_that_is_a_lie_is_told(server, ddgs, searxng) -> None:
    server.faults["/html/"] = [Fault(claim=100_000)]
    server.faults["/search"] = [Fault(claim=100_000)]
    for engine in (ddgs, searxng):
        with pytest.raises(ProviderError):
            engine.search("x", limit=5, seconds=5)


def test_an_answer_that_is_far_too_long(server, ddgs) -> None:
    server.files["/html/"] = b"x" * 200_000
    with pytest.raises(BadReply):
        ddgs.search("x", limit=5, seconds=5)


def test_a_bomb_is_not_unpacked_whole(server, ddgs) -> None:
    server.files["/html/"] = gzip.compress(b"\0" * 50_000_000)
    server.packed["/html/"] = "gzip"
    with pytest.raises(ProviderError):
        ddgs.search("x", limit=5, seconds=10)


def test_nobody_there(ledger) -> None:
    with pytest.raises(ProviderUnavailable):
        SearxngSearch(refused_url(), ledger=ledger).search("x", limit=5, seconds=2)
    with pytest.raises(ProviderUnavailable):
        DdgsSearch("duckduckgo", ledger=ledger, address=refused_url()).search("x", limit=5, seconds=2)


def test_an_engine_that_nobody_knows(ledger) -> None:
    with pytest.raises(InvalidInput, match="nobody"):
        DdgsSearch("nobody", ledger=ledger).search("x", limit=5, seconds=1)
    assert known_engines()["duckduckgo"] == "html.duckduckgo.com"
