"""The one module that fetches from the network."""

from __future__ import annotations

import re
import ssl
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urljoin

import httpx

from basicchat.adapters.web.guard import Border, guarded_transport
from basicchat.core.errors import FetchFailed
from basicchat.telemetry.egress import EgressLedger, accounted

OFFLINE_HINT = (
    "Turn fetching on in Settings, or copy the files into the models folder yourself: see the how-to on models."
)
MAX_REDIRECTS = 5
MAX_BYTES = 20_000_000_000
CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class GuardedFetcher:
    """Fetches over https from the hosts it was given, and from nowhere else.

    Every hop of a redirect is checked again. Proxies of the environment or the system are used when set; the proxy
    then looks names up, so the check of addresses is its. Every request is in the ledger. Threads may share it.
    """

    def __init__(
        self,
        *,
        offline: bool,
        hosts: Sequence[str],
        ledger: EgressLedger,
        purpose: str = "fetch",
        loopback: bool = False,
        timeout: float = 30.0,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.offline = offline
        self._border = Border(tuple(hosts), loopback)
        self._ledger = ledger
        self._purpose = purpose
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._clients: dict[str, httpx.Client] = {}
        self._lock = threading.Lock()

    def text(self, url: str, *, accept: str = "", limit: int = 10_000_000) -> str:
        """A document of at most ``limit`` bytes. Raises `FetchFailed`."""
        headers = {"Accept": accept} if accept else {}
        body = bytearray()
        with self._open(url, headers) as response:
            _expect(response, {200})
            for block in self._blocks(response, limit=limit):
                body += block
        return body.decode(response.encoding or "utf-8", "replace")

    @contextmanager
    def stream(self, url: str, *, offset: int = 0) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """Bytes from ``offset`` on, with the full size if known. Raises `FetchFailed`.

        A server that cannot continue is read from its beginning, and what is already there is left out.
        """
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with self._open(url, headers) as response:
            if offset and response.status_code == 416:
                yield _nothing_more(response, offset)
                return
            _expect(response, {200, 206})
            start, total = _place(response, offset)
            blocks = self._blocks(response, limit=self._max_bytes)
            yield total, _without(blocks, offset - start)

    def close(self) -> None:
        """Let the connections go. The next fetch opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    @contextmanager
    def _open(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        for _ in range(MAX_REDIRECTS + 1):
            host = self._border.check(url)
            if self.offline:
                raise FetchFailed(f"Fetching is turned off, so {host} was not asked.", hint=OFFLINE_HINT)
            with self._ask(url, host, headers) as response:
                if response.status_code not in REDIRECTS:
                    yield response
                    return
                url = _led_to(url, response.headers.get("location", ""))
        raise FetchFailed(f"{host} only leads on to other addresses.")

    @contextmanager
    def _ask(self, url: str, host: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        received = 0
        try:
            with ExitStack() as stack:
                with accounted():
                    response = stack.enter_context(self._client(url, host).stream("GET", url, headers=headers))
                try:
                    yield response
                finally:
                    received = response.num_bytes_downloaded
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"Could not fetch from {host}: {_reason(error)}.") from error
        finally:
            self._ledger.record(host, received, purpose=self._purpose)

    def _blocks(self, response: httpx.Response, *, limit: int) -> Iterator[bytes]:
        seen = 0
        for block in response.iter_bytes():
            seen += len(block)
            if seen > limit:
                raise FetchFailed(f"{response.url.host} sent more than the {limit:,} bytes that are allowed.")
            yield block

    def _client(self, url: str, host: str) -> httpx.Client:
        scheme = url.split(":", 1)[0].lower()
        proxy = "" if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(scheme, "")
        with self._lock:
            if proxy not in self._clients:
                self._clients[proxy] = self._new_client(proxy)
            return self._clients[proxy]

    def _new_client(self, proxy: str) -> httpx.Client:
        verify = ssl.create_default_context()
        if proxy:
            return httpx.Client(proxy=proxy, verify=verify, timeout=self._timeout, trust_env=False)
        transport = guarded_transport(self._border, verify=verify)
        return httpx.Client(transport=transport, timeout=self._timeout, trust_env=False)


def _expect(response: httpx.Response, allowed: set[int]) -> None:
    if response.status_code not in allowed:
        raise FetchFailed(f"{response.url.host} answered {response.status_code} to {response.url.path}.")


def _place(response: httpx.Response, offset: int) -> tuple[int, int | None]:
    """Where the body begins in the whole file, and the size of the whole file if it was told."""
    length = response.headers.get("content-length", "")
    if response.status_code == 200:
        return 0, int(length) if length.isdigit() else None
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    start = int(match[1]) if match and match[1] else -1
    if match is None or not 0 <= start <= offset:
        raise FetchFailed(f"{response.url.host} sent another part of the file than the one asked for.")
    return start, None if match[2] == "*" else int(match[2])


def _nothing_more(response: httpx.Response, offset: int) -> tuple[int | None, Iterator[bytes]]:
    match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
    if match is None or match[2] != str(offset):
        raise FetchFailed(f"{response.url.host} has fewer bytes of this file than are here already.")
    return offset, iter(())


def _without(blocks: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for block in blocks:
        if skip >= len(block):
            skip -= len(block)
            continue
        yield block[skip:] if skip else block
        skip = 0


def _led_to(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchFailed("A redirect leads to an address that makes no sense.") from error


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")
