from __future__ import annotations

import ssl

import httpcore
import pytest

from basicchat.adapters.web.guard import Border, GuardedBackend, guarded_transport
from basicchat.core.errors import FetchFailed


def test_httpx_still_lets_its_network_backend_be_set() -> None:
    """The one private name this program leans on: should httpx move it, this fails before a user notices."""
    transport = guarded_transport(Border(()), verify=ssl.create_default_context())
    assert isinstance(transport._pool, httpcore.ConnectionPool)
    assert isinstance(transport._pool._network_backend, GuardedBackend)
    transport.close()


@pytest.mark.parametrize("url", ["https://a.hf.co/x", "https://A.HF.CO/x", "https://user:pw@hub.example/x"])
def test_listed_hosts_pass(url) -> None:
    assert Border(("*.hf.co", "hub.example")).check(url) in {"a.hf.co", "hub.example"}


@pytest.mark.parametrize(
    "url",
    [
        "https://hf.co.evil.example/x",
        "https://evil.example/?hub.example",
        "https://hub.example@evil.example/",
        "https://hub.example.:99999/",
        "https:///x",
        "hub.example/x",
        "",
    ],
)
def test_others_do_not(url) -> None:
    with pytest.raises(FetchFailed):
        Border(("*.hf.co", "hub.example")).check(url)


def test_an_address_is_checked_before_it_is_used() -> None:
    with pytest.raises(httpcore.ConnectError, match="private"):
        Border(("*",)).address("127.0.0.1", 443)
    assert Border(("127.0.0.1",)).address("127.0.0.1", 443) == "127.0.0.1"
    assert Border((), loopback=True).address("127.0.0.1", 80) == "127.0.0.1"


def test_sockets_of_this_machine_are_not_fetched_from() -> None:
    with pytest.raises(httpcore.ConnectError):
        GuardedBackend(Border(("*",))).connect_unix_socket("/run/x.sock")
