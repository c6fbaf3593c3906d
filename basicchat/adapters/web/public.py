"""Which addresses of the public web may be asked: http and https to public addresses on usual ports, nothing else."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpcore

from basicchat.core.errors import ToolDenied

PORTS = frozenset({80, 443, 8080, 8443})
INNER_ENDINGS = (".local", ".localhost", ".internal", ".lan", ".home", ".intranet", ".corp", ".home.arpa", ".onion")
NUMBER = re.compile(r"(?:0x[0-9a-f]*|0o?[0-7]+|[0-9]+)", re.IGNORECASE)
ODD = re.compile(r"[\s\\\x00-\x20\x7f]|@.*@")
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv6 that a router turns into IPv4: RFC 6052."""
HINT = "Only pages of the public web can be read."

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _resolve(host: str, port: int) -> list[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"no address for {host}") from error


@dataclass(frozen=True)
class PublicBorder:
    """The rule. It looks at the address as it is written, and again at every number that its name leads to.

    ``here`` are ports of this machine that pass, for tests.
    """

    here: frozenset[int] = frozenset()
    resolve: Callable[[str, int], list[str]] = field(default=_resolve)

    def check(self, url: str) -> str:
        """The host of ``url``, in lower case. Raises `ToolDenied` for an address that may not be asked."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        except ValueError as error:
            raise ToolDenied("That address makes no sense.", hint=HINT) from error
        if parts.scheme not in {"http", "https"} or not host or ODD.search(url):
            raise ToolDenied("Only addresses that begin with https:// or http:// can be read.", hint=HINT)
        if parts.username is not None or parts.password is not None:
            raise ToolDenied("An address with a name and password in it is not asked.", hint=HINT)
        if host == "127.0.0.1" and port in self.here:
            return host
        if port is not None and port not in PORTS:
            raise ToolDenied(f"Port {port} is not one that pages are read from.", hint=HINT)
        self._check_host(host)
        return host

    def address(self, host: str, port: int) -> str:
        """An IP address of ``host`` that may be connected to: every one that it has must be public.

        Raises `ToolDenied` where one is not, `httpcore.ConnectError` where the name is unknown.
        """
        if host == "127.0.0.1" and port in self.here:
            return host
        found = self.resolve(host, port)
        if not found or not all(is_public(each) for each in found):
            raise ToolDenied(f"{host} leads to an address that is not public, so it was not asked.", hint=HINT)
        return sorted(found, key=lambda each: (":" in each, each))[0]

    def _check_host(self, host: str) -> None:
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            literal = None
        inner = f"{host} lies inside a private network, so it was not asked."
        if literal is not None:
            if not is_public(host):
                raise ToolDenied(inner, hint=HINT)
        elif "." not in host or host.endswith(INNER_ENDINGS) or NUMBER.fullmatch(host.rsplit(".", 1)[1]):
            raise ToolDenied(inner, hint=HINT)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also under every disguise of IPv4 in IPv6."""
    found = ipaddress.ip_address(address.split("%")[0])
    return all(_plainly_public(each) for each in (found, *_hidden(found)))


def _hidden(address: Address) -> Iterable[Address]:
    """IPv4 addresses that an IPv6 address carries."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    carried: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in TRANSLATED or int(address) < 2**32:
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in carried if each is not None]


def _plainly_public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
