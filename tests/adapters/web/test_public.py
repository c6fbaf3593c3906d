"""Which addresses of the web may be asked."""

from __future__ import annotations

import gzip
import ipaddress
import json

import httpcore
import pytest

from basicchat.adapters.web.guard import GuardedBackend
from basicchat.adapters.web.pages import PublicPages
from basicchat.adapters.web.public import PublicBorder, is_public
from basicchat.core.errors import BasicChatError, FetchFailed, ToolDenied
from basicchat.telemetry.egress import EgressLedger


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
    *("255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
    *("::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::1", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_under_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("url", ["https://example.org/", "http://example.org:8080/a?b#c", "https://8.8.8.8/"])
def test_pages_of_the_public_web_pass(url: str) -> None:
    assert PublicBorder().check(url) in {"example.org", "8.8.8.8"}


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:22/",
        "https://user@example.org/",
        "https://user:pw@example.org/",
        "https://printer.local/",
        "https://intranet/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://[::1/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "",
    ],
)
def test_others_do_not(url: str) -> None:
    with pytest.raises(ToolDenied):
        PublicBorder().check(url)


def test_one_private_address_among_public_ones_is_enough() -> None:
    border = PublicBorder(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(ToolDenied, match="not public"):
        border.address("example.org", 443)
    assert PublicBorder(resolve=lambda host, port: ["2606:4700::1", "8.8.8.8"]).address("a.example", 443) == "8.8.8.8"


def test_a_name_is_looked_up_once_so_it_cannot_change_its_meaning() -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    connected = []

    class Plain(httpcore.MockBackend):
        def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
            connected.append(host)
            raise httpcore.ConnectError("no network here")

    backend = GuardedBackend(PublicBorder(resolve=lambda host, port: answers.pop(0)))
    backend._plain = Plain([])
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("rebind.example", 80)
    assert connected == ["8.8.8.8"]
    with pytest.raises(ToolDenied):
        backend.connect_tcp("rebind.example", 80)
    assert connected == ["8.8.8.8"]


@pytest.mark.evals
def test_no_payload_reaches_the_inside(evals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the 58 addresses that are made to reach inside, none does, even if every name led to this machine.

    Nothing is connected to: a name resolves to 127.0.0.1 here, and a connection that was let pass would be counted.
    """
    reached = []

    def connect(self, address, *rest, **options):
        reached.append(address)
        raise httpcore.ConnectError("nothing is asked in a test")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    lines = gzip.decompress((evals / "web-payloads" / "ssrf.jsonl.gz").read_bytes()).decode().splitlines()
    urls = [json.loads(line)["url"] for line in lines]
    pages = PublicPages(
        offline=False, ledger=EgressLedger(), border=PublicBorder(resolve=lambda host, port: ["127.0.0.1"])
    )
    assert len(urls) == 58
    for url in urls:
        with pytest.raises(BasicChatError) as caught:
            pages.get(url, seconds=1.0)
        assert isinstance(caught.value, (ToolDenied, FetchFailed))
    assert reached == []


def test_numbers_of_the_test_are_numbers() -> None:
    assert all(ipaddress.ip_address(each.split("%")[0]) for each in PRIVATE)
