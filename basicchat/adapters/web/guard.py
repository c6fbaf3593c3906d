"""Where a request may go: allowed hosts over https, and only to an address that was checked."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol
from urllib.parse import urlsplit

import httpcore
import httpx

from basicchat.core.errors import FetchFailed

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Border:
    """The rule. A host named in full may be anywhere, so a mirror inside a company works; one that only matches
    a pattern such as ``*.hf.co`` must have a public address. ``loopback`` lets http to this machine pass, for tests.
    """

    hosts: tuple[str, ...]
    loopback: bool = False

    def check(self, url: str) -> str:
        """The host of ``url``, in lower case. Raises `FetchFailed` for an address that may not be asked."""
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise FetchFailed("An address that was to be fetched makes no sense.") from error
        if self.loopback and parts.scheme in {"http", "https"} and host in LOOPBACK:
            return host
        if parts.scheme != "https":
            raise FetchFailed(
                f"{host or 'An address'} was to be asked without https.",
                hint="Use an address that begins with https://.",
            )
        if not any(fnmatchcase(host, pattern.lower()) for pattern in self.hosts):
            raise FetchFailed(
                f"{host or 'An address without a host'} is not among the hosts that may be asked.",
                hint="Downloads only go to the registry and the hub named in the settings.",
            )
        return host

    def address(self, host: str, port: int) -> str:
        """An IP address of ``host`` that may be connected to.

        Raises `httpcore.ConnectError` where the name is unknown, or leads into a private network and was not named
        in full.
        """
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"no address for {host}") from error
        trusted = host in self.hosts or (self.loopback and host in LOOPBACK)
        if not trusted and not _all_public(found):
            raise httpcore.ConnectError(f"{host} leads to a private address")
        return _first(found)


class Addresses(Protocol):
    """Says which address of a host may be connected to."""

    def address(self, host: str, port: int) -> str:
        """An IP address. Raises `httpcore.ConnectError` or a `BasicChatError` where there is none."""


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so a name cannot change its meaning in between."""

    def __init__(self, border: Addresses) -> None:
        self._border = border
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look ``host`` up once, check every address, connect."""
        address = self._border.address(host, port)
        return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise httpcore.ConnectError("sockets of this machine are not fetched from")

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._plain.sleep(seconds)


def guarded_transport(border: Addresses, *, verify: object) -> httpx.HTTPTransport:
    """A transport whose connections pass the border. httpx has no public way to set the backend: a test pins this."""
    transport = httpx.HTTPTransport(verify=verify, trust_env=False)  # type: ignore[arg-type]
    transport._pool._network_backend = GuardedBackend(border)
    return transport


def _all_public(addresses: Iterable[str]) -> bool:
    return all(ipaddress.ip_address(address.split("%")[0]).is_global for address in addresses)


def _first(addresses: Iterable[str]) -> str:
    """IPv4 before IPv6: a laptop's IPv6 route is broken more often."""
    return sorted(addresses, key=lambda address: (":" in address, address))[0]
