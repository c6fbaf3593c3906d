"""Asks HTTP APIs: one origin each, every connection checked, the secret added here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from basicchat.adapters.web.pages import MOST_REDIRECTS, REDIRECTS, TYPES, PublicPages, decoded, led_to
from basicchat.adapters.web.public import PublicBorder
from basicchat.core.errors import FetchFailed, InvalidInput, ToolDenied
from basicchat.core.tools import ApiOrder, WebPage
from basicchat.telemetry.egress import EgressLedger

MOST_BYTES = 1_000_000
"""Length of an answer, unpacked."""
PORTS_OF = {"http": 80, "https": 443}
HIDDEN = "[secret]"
SHORTEST_SECRET = 4
"""Characters from which on a secret is looked for in what comes back."""


@dataclass(frozen=True)
class OneOrigin:
    """A border with one gate: the scheme, host and port of an API.

    ``inside`` says that its owner named it as one of a private network; any other has to be public.
    """

    scheme: str
    host: str
    port: int
    inside: bool = False
    public: PublicBorder = field(default_factory=PublicBorder)

    def check(self, url: str) -> str:
        """The host of ``url``. Raises `ToolDenied` for every address that is not of this origin."""
        if origin_of(url) != (self.scheme, self.host, self.port):
            raise ToolDenied(f"Only {self.host} is asked for this API, and the address leads elsewhere.")
        return self.host if self.inside else self.public.check(url)

    def address(self, host: str, port: int) -> str:
        """An IP address of the host that may be connected to. Raises `ToolDenied` or `httpcore.ConnectError`."""
        if (host, port) != (self.host, self.port):
            raise ToolDenied(f"Only {self.host} is asked for this API.")
        return sorted(self.public.resolve(host, port))[0] if self.inside else self.public.address(host, port)


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `ToolDenied` for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS_OF.get(parts.scheme, 0)
    except ValueError as error:
        raise ToolDenied("That address makes no sense.") from error
    if parts.scheme not in PORTS_OF or not parts.hostname or parts.username is not None:
        raise ToolDenied("An API is asked at an address that begins with https:// or http://.")
    return parts.scheme, parts.hostname.lower().rstrip("."), port


class GuardedApi:
    """A `WebApi` of one origin. ``headers`` hold what it is shown and nobody else sees."""

    def __init__(
        self,
        address: str,
        *,
        offline: bool,
        ledger: EgressLedger,
        headers: Mapping[str, str] | None = None,
        inside: bool = False,
        most_wait: float = 10.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._address = address
        self._inside = inside
        self._headers = dict(headers or {})
        self._offline = offline
        self._ledger = ledger
        self._most_wait = most_wait
        self._most_bytes = most_bytes

    def send(self, order: ApiOrder, *, seconds: float) -> WebPage:
        """One answer. A redirect is followed for reading alone, and never to another origin.

        Raises `ToolDenied` for an address that may not be asked, `FetchFailed`, `InvalidInput`.
        """
        border = OneOrigin(*origin_of(self._address or order.address), self._inside)
        if self._headers and border.scheme == "http" and not self._inside:
            raise ToolDenied(f"A secret is not sent to {border.host} without https.")
        pages = PublicPages(
            offline=self._offline,
            ledger=self._ledger,
            border=border,
            most_bytes=self._most_bytes,
            most_wait=self._most_wait,
            purpose="api",
        )
        ends, url = time.monotonic() + seconds, order.address
        headers = {"Accept": "application/json, text/plain;q=0.5", **self._headers}
        if order.body is not None:
            headers["Content-Type"] = "application/json"
        for _ in range(MOST_REDIRECTS + 1):
            host = pages.admitted(url)
            with pages.asked(url, host, ends, method=order.method, headers=headers, body=order.body) as response:
                if response.status_code not in REDIRECTS:
                    return self._answer(pages, response, ends)
                if order.method not in ("GET", "HEAD"):
                    raise FetchFailed(f"{host} leads a request that changes something elsewhere: not followed.")
                url = led_to(url, response.headers.get("location", ""))
        raise FetchFailed(f"{host} only leads on to other addresses.")

    def _answer(self, pages: PublicPages, response: httpx.Response, ends: float) -> WebPage:
        host, status = response.url.host, response.status_code
        if status == 429:
            raise FetchFailed(f"{host} asks to be left alone for a while.", hint="Try again later.")
        if not 200 <= status < 300:
            raise FetchFailed(f"{host} answered {status}.", hint="Look at the arguments, or try again later.")
        kind = response.headers.get("content-type", "text/plain").split(";")[0].strip().lower()
        data = b"".join(pages.unpacked(response, ends))
        if data and not TYPES.fullmatch(kind):
            raise InvalidInput(f"{host} sent {kind[:80]}, which is neither text nor JSON.")
        text = decoded(data, response.charset_encoding)
        for value in self._headers.values():
            for secret in {value, value.rpartition(" ")[2]}:
                text = text.replace(secret, HIDDEN) if len(secret) >= SHORTEST_SECRET else text
        return WebPage(str(response.url), kind, text)
