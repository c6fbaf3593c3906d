"""Reads pages of the public web: every hop checked, the checked address connected to, size, type and time limited."""

from __future__ import annotations

import codecs
import re
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urljoin

import httpx

from basicchat.adapters.web.guard import Addresses, guarded_transport
from basicchat.adapters.web.public import PublicBorder
from basicchat.core.errors import FetchFailed, InvalidInput, ToolDenied
from basicchat.core.tools import WebPage
from basicchat.telemetry.egress import EgressLedger, accounted

MOST_BYTES = 5_000_000
"""Length of a page, unpacked."""
MOST_REDIRECTS = 5
MOST_WAIT = 10.0
"""Seconds without a byte."""
TYPES = re.compile(r"text/[\w.+-]+|application/(?:[\w.-]+\+)?(?:json|xml)|application/xhtml\+xml", re.IGNORECASE)
CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
NOT_OF_PAGES = frozenset({"unicode-escape", "raw-unicode-escape", "utf-7", "idna", "punycode"})
"""Encodings that Python knows and no page is written in."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = {
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,application/json;q=0.8,*/*;q=0.1",
    "Accept-Encoding": "gzip",
    "User-Agent": "Mozilla/5.0 (compatible; BasicChat)",
}
TURNED_OFF = "Turn it on with BASICCHAT_TOOLS__NETWORK=true, or `network` under `[tools]` in settings.toml."


class Gate(Addresses, Protocol):
    """Says which addresses may be asked, as they are written and as they resolve."""

    def check(self, url: str) -> str:
        """The host of ``url``. Raises `ToolDenied`."""


class PublicPages:
    """A `WebPages`. Goes straight to the pages: proxies are not used, as a proxy would look the names up itself."""

    def __init__(
        self,
        *,
        offline: bool,
        ledger: EgressLedger,
        border: Gate | None = None,
        most_bytes: int = MOST_BYTES,
        most_wait: float = MOST_WAIT,
        purpose: str = "web page",
    ) -> None:
        self._offline = offline
        self._ledger = ledger
        self._border: Gate = border or PublicBorder()
        self._purpose = purpose
        self._most_bytes = most_bytes
        self._most_wait = most_wait

    def get(self, address: str, *, seconds: float) -> WebPage:
        """One page. Raises `ToolDenied` for an address that may not be asked, `FetchFailed`, `InvalidInput`."""
        ends, url = time.monotonic() + seconds, address
        for _ in range(MOST_REDIRECTS + 1):
            host = self.admitted(url)
            with self.asked(url, host, ends) as response:
                if response.status_code not in REDIRECTS:
                    return self._page(response, ends)
                url = led_to(url, response.headers.get("location", ""))
        raise FetchFailed(f"{host} only leads on to other addresses.", hint="Try another page.")

    def admitted(self, url: str) -> str:
        """The host of an address that may be asked now. Raises `ToolDenied`."""
        host = self._border.check(url)
        if self._offline:
            raise ToolDenied(f"Tools may not use the network, so {host} was not asked.", hint=TURNED_OFF)
        return host

    @contextmanager
    def asked(
        self,
        url: str,
        host: str,
        ends: float,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Iterator[httpx.Response]:
        """The response to one request, its body not read yet. Raises `FetchFailed`."""
        received = 0
        timeout = max(0.01, min(self._most_wait, ends - time.monotonic()))
        transport = guarded_transport(self._border, verify=ssl.create_default_context())
        try:
            with httpx.Client(transport=transport, timeout=timeout, trust_env=False, headers=HEADERS) as client:
                with accounted():
                    request = client.build_request(method, url, headers=dict(headers or {}), content=body)
                    response = client.send(request, stream=True)
                try:
                    yield response
                finally:
                    received = response.num_bytes_downloaded
                    response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            said = (str(error) or type(error).__name__).rstrip(".")
            raise FetchFailed(f"Could not fetch from {host}: {said}.", hint="Try another page.") from error
        finally:
            self._ledger.record(host, received, purpose=self._purpose)

    def _page(self, response: httpx.Response, ends: float) -> WebPage:
        host, status = response.url.host, response.status_code
        if status == 429:
            wait = response.headers.get("retry-after", "")
            pause = f" for {wait} s" if wait.isdigit() else ""
            raise FetchFailed(f"{host} asks to be left alone{pause}.", hint="Try again later, or another page.")
        if status != 200:
            raise FetchFailed(f"{host} answered {status}.", hint="Try another page.")
        kind = response.headers.get("content-type", "text/html").split(";")[0].strip().lower()
        if not TYPES.fullmatch(kind):
            raise InvalidInput(f"{response.url} is no page but {kind}.", hint="Add the file to the library instead.")
        data = b"".join(self.unpacked(response, ends))
        return WebPage(str(response.url), kind, decoded(data, response.charset_encoding))

    def unpacked(self, response: httpx.Response, ends: float) -> Iterator[bytes]:
        """The body, unpacked bit by bit, so that a small body that would become a huge one is noticed in time."""
        packing = response.headers.get("content-encoding", "identity").strip().lower()
        if packing not in {"identity", "gzip", "x-gzip", "deflate", ""}:
            raise FetchFailed(f"{response.url.host} sent a page in a form that was not asked for.")
        unpack = zlib.decompressobj(wbits=47) if packing not in {"identity", ""} else None
        left = self._most_bytes
        try:
            for block in response.iter_raw():
                if time.monotonic() > ends:
                    raise FetchFailed(f"{response.url.host} takes too long.", hint="Try another page.")
                data = unpack.decompress(block, left + 1) if unpack else block
                left -= len(data)
                if left < 0:
                    raise FetchFailed(
                        f"{response.url.host} sent more than the {self._most_bytes:,} bytes that are allowed."
                    )
                yield data
        except zlib.error as error:
            raise FetchFailed(f"{response.url.host} sent a page that cannot be unpacked.") from error


def decoded(data: bytes, named: str | None) -> str:
    """The text of a page: by the encoding its header names, the one it names itself, UTF-8, or Windows-1252."""
    own = CHARSET.search(data[:4096])
    for name in (named, own[1].decode("ascii") if own else None, "utf-8"):
        try:
            if name and codecs.lookup(name).name.replace("_", "-") not in NOT_OF_PAGES:
                return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("windows-1252", "replace")


def led_to(url: str, location: str) -> str:
    """Where a redirect leads. Raises `FetchFailed`."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchFailed("A redirect leads to an address that makes no sense.") from error
