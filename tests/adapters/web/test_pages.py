"""Pages from a real server on this machine that does everything wrong."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from basicchat.adapters.web.pages import MOST_REDIRECTS, PublicPages, decoded
from basicchat.adapters.web.public import PublicBorder
from basicchat.core.errors import FetchFailed, InvalidInput, ToolDenied
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.faulty_server import refused_url
from basicchat.testing.file_server import Fault, FileServer


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        running.types["/page"] = "text/html; charset=utf-8"
        running.files["/page"] = "<p>Grüße</p>".encode()
        yield running


@pytest.fixture
def ledger() -> EgressLedger:
    return EgressLedger()


@pytest.fixture
def pages(server: FileServer, ledger: EgressLedger) -> PublicPages:
    border = PublicBorder(here=frozenset({urlsplit(server.url).port or 0}))
    return PublicPages(offline=False, ledger=ledger, border=border, most_bytes=100_000, most_wait=0.3)


def test_a_page(server: FileServer, pages: PublicPages, ledger: EgressLedger) -> None:
    page = pages.get(f"{server.url}/page", seconds=5)
    assert (page.address, page.media_type, page.text) == (f"{server.url}/page", "text/html", "<p>Grüße</p>")
    (entry,) = ledger.entries()
    assert (entry.host, entry.received, entry.purpose) == ("127.0.0.1", 14, "web page")


def test_a_redirect_is_followed_and_the_address_told(server: FileServer, pages: PublicPages) -> None:
    server.faults["/old"] = [Fault(status=302, location="/page")]
    assert pages.get(f"{server.url}/old", seconds=5).address == f"{server.url}/page"


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "http://[::1]:80/",
        "//10.0.0.1/",
    ],
)
def test_every_redirect_is_checked_again(server: FileServer, pages: PublicPages, location: str) -> None:
    server.faults["/old"] = [Fault(status=302, location=location)]
    with pytest.raises(ToolDenied):
        pages.get(f"{server.url}/old", seconds=5)
    assert [request.path for request in server.requests] == ["/old"]


def test_redirects_without_end(server: FileServer, pages: PublicPages) -> None:
    server.faults["/round"] = [Fault(status=301, location="/round")] * 20
    with pytest.raises(FetchFailed, match="only leads on"):
        pages.get(f"{server.url}/round", seconds=5)
    assert len(server.requests) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "words"), [(202, "202"), (404, "404"), (429, "left alone"), (500, "500"), (204, "204")]
)
def test_what_is_no_page_is_told(server: FileServer, pages: PublicPages, status: int, words: str) -> None:
    server.faults["/page"] = [Fault(status=status)]
    with pytest.raises(FetchFailed, match=words):
        pages.get(f"{server.url}/page", seconds=5)


def test_a_server_that_stalls_is_left(server: FileServer, pages: PublicPages) -> None:
    import threading

    over = threading.Event()
    server.faults["/page"] = [Fault(cut_after=3, hold=over)]
    with pytest.raises(FetchFailed):
        pages.get(f"{server.url}/page", seconds=5)
    over.set()


def test_time_that_is_up_ends_it(server: FileServer, pages: PublicPages) -> None:
    with pytest.raises(FetchFailed):
        pages.get(f"{server.url}/page", seconds=0.0)


def test_a_length_that_is_a_lie(server: FileServer, pages: PublicPages) -> None:
    server.faults["/page"] = [Fault(claim=10_000), Fault(claim=3)]
    with pytest.raises(FetchFailed):
        pages.get(f"{server.url}/page", seconds=5)
    assert pages.get(f"{server.url}/page", seconds=5).text == "<p>"


def test_a_page_that_breaks_off(server: FileServer, pages: PublicPages) -> None:
    server.faults["/page"] = [Fault(cut_after=3)]
    with pytest.raises(FetchFailed):
        pages.get(f"{server.url}/page", seconds=5)


def test_too_long_a_page(server: FileServer, pages: PublicPages) -> None:
    server.files["/page"] = b"x" * 100_001
    with pytest.raises(FetchFailed, match="100,000"):
        pages.get(f"{server.url}/page", seconds=5)


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_bomb_is_noticed_before_it_is_unpacked(server: FileServer, pages: PublicPages, packing: str) -> None:
    zeros = b"\0" * 50_000_000
    server.files["/page"] = gzip.compress(zeros) if packing == "gzip" else zlib.compress(zeros)
    server.packed["/page"] = packing
    with pytest.raises(FetchFailed, match="100,000"):
        pages.get(f"{server.url}/page", seconds=30)


def test_a_packed_page_is_unpacked(server: FileServer, pages: PublicPages) -> None:
    server.files["/page"] = gzip.compress(b"<p>packed</p>")
    server.packed["/page"] = "gzip"
    assert pages.get(f"{server.url}/page", seconds=5).text == "<p>packed</p>"


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "gzip"])
def test_packings_that_nobody_asked_for(server: FileServer, pages: PublicPages, packing: str) -> None:
    server.packed["/page"] = packing
    with pytest.raises(FetchFailed):
        pages.get(f"{server.url}/page", seconds=5)


@pytest.mark.parametrize("kind", ["application/zip", "image/png", "application/octet-stream", "video/mp4"])
def test_what_is_not_text_is_refused(server: FileServer, pages: PublicPages, kind: str) -> None:
    server.types["/page"] = kind
    with pytest.raises(InvalidInput, match=kind):
        pages.get(f"{server.url}/page", seconds=5)


def test_turned_off_nothing_is_asked(server: FileServer) -> None:
    border = PublicBorder(here=frozenset({urlsplit(server.url).port or 0}))
    with pytest.raises(ToolDenied, match="may not use the network"):
        PublicPages(offline=True, ledger=EgressLedger(), border=border).get(f"{server.url}/page", seconds=5)
    assert server.requests == []


def test_nobody_there(ledger: EgressLedger) -> None:
    url = refused_url()
    border = PublicBorder(here=frozenset({urlsplit(url).port or 0}))
    with pytest.raises(FetchFailed, match="Could not fetch"):
        PublicPages(offline=False, ledger=ledger, border=border).get(url, seconds=2)
    assert len(ledger.entries()) == 1


def test_this_machine_is_not_asked(server: FileServer) -> None:
    with pytest.raises(ToolDenied):
        PublicPages(offline=False, ledger=EgressLedger()).get(f"{server.url}/page", seconds=5)
    assert server.requests == []


@pytest.mark.parametrize(
    ("data", "named", "text"),
    [
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        (
            b'<meta charset="windows-1251">' + "Привет".encode("windows-1251"),
            None,
            '<meta charset="windows-1251">Привет',
        ),
        ("Grüße".encode("latin-1"), None, "Grüße"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
        (b"x", "no-such-encoding", "x"),
    ],
)
def test_encodings(data: bytes, named: str | None, text: str) -> None:
    assert decoded(data, named) == text
