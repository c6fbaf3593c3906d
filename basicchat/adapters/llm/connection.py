"""How to reach a server that speaks Ollama's API, and how to hang up on it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import ollama

REUSED_HEADER = "X-Prompt-Reused"
"""The header in which the embedded server says how many tokens of a prompt it had read before."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address, and the bearer token that the server wants (empty for none)."""

    url: str
    token: str = ""

    @property
    def loopback(self) -> bool:
        """Whether the address is this very machine."""
        host = urlsplit(self.url if "://" in self.url else f"//{self.url}").hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


@dataclass(frozen=True, slots=True)
class OllamaOptions:
    """How patient to be (seconds) and what every call asks for.

    ``list_seconds`` is for asking what models there are, before any is used. ``window`` is the largest context window
    to ask for, in tokens. ``keep_alive`` is Ollama's own notation.
    """

    connect_seconds: float = 0.5
    first_token_seconds: float = 120.0
    idle_seconds: float = 60.0
    list_seconds: float = 5.0
    keep_alive: str = "30m"
    window: int = 8192


class EndpointSource(Protocol):
    """Knows where the server is now. The embedded one moves when it is started again."""

    def endpoint(self) -> Endpoint:
        """Where to send the next call. Raises `ProviderUnavailable` when there is no server to be had."""

    def lost(self) -> None:
        """The last call could not reach the server, or it hung up."""


@dataclass(frozen=True, slots=True)
class FixedEndpoint:
    """A server that always is at one address."""

    address: Endpoint

    def endpoint(self) -> Endpoint:
        """The address."""
        return self.address

    def lost(self) -> None:
        """Nothing can be done about it from here."""


def client_settings(endpoint: Endpoint, *, timeout: httpx.Timeout) -> dict[str, Any]:
    """Arguments for `httpx.Client` and `ollama.Client` alike.

    Proxies of the environment are ignored for this machine's own addresses; redirects are never followed, so a
    prompt goes to the configured server or nowhere.
    """
    return {
        "headers": {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {},
        "timeout": timeout,
        "trust_env": not endpoint.loopback,
        "follow_redirects": False,
        # Building a TLS context takes longer than a whole call to this machine.
        "verify": endpoint.url.startswith("https"),
    }


@dataclass(frozen=True)
class Connection:
    """Clients for short questions to one endpoint. They may be shared by threads."""

    address: Endpoint
    options: OllamaOptions

    def _settings(self, read_seconds: float) -> dict[str, Any]:
        timeout = httpx.Timeout(read_seconds, connect=self.options.connect_seconds)
        return client_settings(self.address, timeout=timeout)

    @cached_property
    def directory(self) -> ollama.Client:
        """The official client, for asking what there is: a server that takes long to say is as good as absent."""
        return ollama.Client(self.address.url, **self._settings(self.options.list_seconds))

    @cached_property
    def client(self) -> ollama.Client:
        """The official client."""
        return ollama.Client(self.address.url, **self._settings(self.options.idle_seconds))

    @cached_property
    def plain(self) -> httpx.Client:
        """For what the official client has no method for."""
        return httpx.Client(base_url=self.address.url, **self._settings(self.options.idle_seconds))

    def close(self) -> None:
        """Drop idle connections."""
        for name in ("directory", "client", "plain"):
            if name in self.__dict__:
                self.__dict__[name].close()


class StreamConnection:
    """A connection of its own for one streamed reply.

    Waits ``first_token_seconds`` for the answer to begin, then ``idle_seconds`` between its pieces: servers send
    their headers together with the first piece. `abort` may be called from another thread at any time.
    ``reused_tokens`` of the prompt had been read before, where the server says so.
    """

    def __init__(self, address: Endpoint, options: OllamaOptions) -> None:
        self.aborted = False
        self.reused_tokens: int | None = None
        self._address = address
        self._idle = options.idle_seconds
        self._socket: socket.socket | None = None
        timeout = httpx.Timeout(options.first_token_seconds, connect=options.connect_seconds)
        hooks = {"request": [self._watch], "response": [self._begun]}
        self._settings = {"event_hooks": hooks, **client_settings(address, timeout=timeout)}

    @cached_property
    def client(self) -> ollama.Client:
        """The official client of Ollama."""
        return ollama.Client(self._address.url, **self._settings)

    @cached_property
    def plain(self) -> httpx.Client:
        """For servers that speak something else."""
        return httpx.Client(base_url=self._address.url, **self._settings)

    def abort(self) -> None:
        """Hang up, even while another thread waits for the server to say something."""
        self.aborted = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Release the connection."""
        for name in ("client", "plain"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def _watch(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        if name == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
            if self.aborted:
                self.abort()

    def _begun(self, response: httpx.Response) -> None:
        response.request.extensions["timeout"]["read"] = self._idle
        told = response.headers.get(REUSED_HEADER, "")
        self.reused_tokens = int(told) if told.isdecimal() else None
