"""Search engines: a SearXNG of one's own, and public ones by ddgs."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.core.errors import (
    BadReply,
    DependencyMissing,
    FetchFailed,
    InvalidInput,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from basicchat.core.tools import WebResult
from basicchat.telemetry.egress import EgressLedger

if TYPE_CHECKING:
    from ddgs.base import BaseSearchEngine
    from primp import Client

MOST_BYTES = 3_000_000
BUSY = frozenset({202, 403, 418, 429, 503})
"""What engines answer to those whom they take for a machine, beside a page that says so."""
SUSPICION = ("anomaly-modal", "captcha", "unusual traffic", "are you a robot")
HINT = "Try again later. Another engine can be named in BASICCHAT_TOOLS__SEARCH."


class SearxngSearch:
    """A `WebSearch` of a SearXNG server that the owner named; it must offer answers in JSON."""

    name = "searxng"

    def __init__(self, url: str, *, ledger: EgressLedger, timeout: float = 10.0) -> None:
        host = (urlsplit(url).hostname or "").lower()
        self._url = url.rstrip("/")
        self._host = host
        self._ledger = ledger
        self._timeout = timeout

    def search(self, text: str, *, limit: int, seconds: float) -> list[WebResult]:
        """At most ``limit`` results. Raises `ProviderUnavailable` or `BadReply`."""
        try:
            answer = json.loads(self._answer(text, min(seconds, self._timeout)))
            lines = answer["results"]
            found = [_result(line.get("title"), line.get("url"), line.get("content")) for line in lines]
        except FetchFailed as error:
            raise ProviderUnavailable(f"SearXNG: {error}", provider=self.name, hint=HINT) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadReply(
                "SearXNG answered something that is no list of results.",
                provider=self.name,
                hint="Its settings must allow the format json.",
            ) from error
        return [each for each in found if each is not None][:limit]

    def _answer(self, text: str, seconds: float) -> str:
        fetcher = GuardedFetcher(
            offline=False,
            hosts=[self._host],
            ledger=self._ledger,
            purpose="web search",
            loopback=_is_here(self._host),
            timeout=seconds,
        )
        with closing(fetcher):
            asked = f"{self._url}/search?{urlencode({'q': text, 'format': 'json'})}"
            return fetcher.text(asked, accept="application/json", limit=MOST_BYTES)


class DdgsSearch:
    """A `WebSearch` of one public engine, whose pages ddgs knows how to ask and to read.

    ddgs's own client makes the connection, as engines turn away what does not look like a browser. Every request is in
    the ledger; redirects are not followed; the answer is limited. ``address`` is another one to ask, for tests.
    """

    def __init__(self, engine: str, *, ledger: EgressLedger, address: str = "", most_bytes: int = MOST_BYTES) -> None:
        self.name = engine
        self._ledger = ledger
        self._address = address
        self._most_bytes = most_bytes

    def search(self, text: str, *, limit: int, seconds: float) -> list[WebResult]:
        """At most ``limit`` results. Raises `ProviderError`, and `DependencyMissing` without ddgs."""
        engine = self._engine(max(1, int(seconds)))
        browser = _Browser(engine.http_client.client, self.name, self._most_bytes, timeout=max(0.5, seconds))
        engine.http_client = browser  # type: ignore[assignment]
        try:
            lines = engine.search(text) or []
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise BadReply(f"{self.name} answered a page that cannot be read.", provider=self.name) from error
        finally:
            self._ledger.record(_host(engine.search_url), browser.received, purpose="web search")
        found = [_result(line.title, line.href, line.body) for line in lines]
        results = [each for each in found if each is not None][:limit]
        if not results and any(word in browser.seen.casefold() for word in SUSPICION):
            raise RateLimited(f"{self.name} takes the question for a machine's.", provider=self.name, hint=HINT)
        return results

    def _engine(self, seconds: int) -> BaseSearchEngine[Any]:
        try:
            from ddgs.engines import ENGINES
        except ImportError as error:
            raise DependencyMissing("ddgs", hint="Install it with: pip install ddgs") from error
        known = ENGINES["text"]
        if self.name not in known:
            raise InvalidInput(
                f"There is no search engine {self.name}.", hint=f"There are: {', '.join(sorted(known))}."
            )
        engine: BaseSearchEngine[Any] = known[self.name](timeout=seconds)
        if self._address:
            engine.search_url = self._address
        return engine


class _Answer:
    """A reply as ddgs's engines read it."""

    def __init__(self, status: int, text: str) -> None:
        self.status_code = status
        self.text = text
        self.content = text.encode()


class _Browser:
    """Asks for one page as a browser does, and takes no more of it than is allowed. Raises `ProviderError`."""

    def __init__(self, client: Client, engine: str, most_bytes: int, *, timeout: float) -> None:
        self._client = client
        self._engine = engine
        self._most_bytes = most_bytes
        self._timeout = timeout
        self.received = 0
        self.seen = ""

    def request(self, method: str, url: str, **options: Any) -> _Answer:
        """The answer, which was 200."""
        import primp

        try:
            response: Any = self._client.request(
                method, url, **{**options, "stream": True, "follow_redirects": False, "timeout": self._timeout}
            )
            self._check(int(response.status_code))
            body = b"".join(self._blocks(response.iter_bytes()))
        except primp.TimeoutError as error:
            raise ProviderTimeout(f"{self._engine} takes too long.", provider=self._engine, hint=HINT) from error
        except primp.PrimpError as error:
            raise ProviderUnavailable(
                f"{self._engine} does not answer: {error}", provider=self._engine, hint=HINT
            ) from error
        self.seen = body.decode("utf-8", "replace")
        return _Answer(200, self.seen)

    def get(self, url: str, **options: Any) -> _Answer:
        """As `request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> _Answer:
        """As `request`."""
        return self.request("POST", url, **options)

    def _check(self, status: int) -> None:
        if status in BUSY:
            raise RateLimited(
                f"{self._engine} asks to be left alone (it answered {status}).", provider=self._engine, hint=HINT
            )
        if status != 200:
            raise ProviderUnavailable(f"{self._engine} answered {status}.", provider=self._engine, hint=HINT)

    def _blocks(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.received += len(block)
            if self.received > self._most_bytes:
                raise BadReply(f"{self._engine} answered far too much.", provider=self._engine)
            yield block


def _result(title: object, address: object, snippet: object) -> WebResult | None:
    """A line of results, None for one without an address of the web."""
    url = str(address or "").strip()
    if urlsplit(url).scheme not in {"http", "https"}:
        return None
    words = " ".join(unescape(str(title or "")).split())
    return WebResult(words or url, url, " ".join(unescape(str(snippet or "")).split()))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url).lower()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def known_engines() -> Mapping[str, str]:
    """The public engines by name, each with the host that is asked."""
    from ddgs.engines import ENGINES

    return {name: _host(kind.search_url) for name, kind in ENGINES["text"].items()}
