"""A network in memory: a fetcher that serves what it was given, and breaks off where it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from basicchat.core.errors import FetchFailed

BLOCK = 1024


class MemoryFetcher:
    """Serves ``files`` by address. ``cuts`` breaks a stream off after that many bytes, once for each address.

    ``asked`` keeps every (address, offset), also of requests that failed; when ``offline`` nothing is asked.
    """

    def __init__(
        self, files: Mapping[str, bytes] | None = None, *, cuts: Mapping[str, int] | None = None, offline: bool = False
    ) -> None:
        self.files = dict(files or {})
        self.cuts = dict(cuts or {})
        self.offline = offline
        self.asked: list[tuple[str, int]] = []

    def text(self, url: str, *, accept: str = "", limit: int = 10_000_000) -> str:
        """A small document. Raises `FetchFailed`."""
        body = self._body(url, 0)
        if len(body) > limit:
            raise FetchFailed(f"{url} is longer than {limit:,} bytes.")
        return body.decode("utf-8", "replace")

    @contextmanager
    def stream(self, url: str, *, offset: int = 0) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """Bytes from ``offset`` on, with the full size. Raises `FetchFailed`."""
        body = self._body(url, offset)
        if offset > len(body):
            raise FetchFailed(f"{url} has only {len(body):,} bytes.")
        yield len(body), self._blocks(url, body[offset:])

    def _body(self, url: str, offset: int) -> bytes:
        if self.offline:
            raise FetchFailed(f"Fetching is turned off, so {url} was not asked.")
        self.asked.append((url, offset))
        if url not in self.files:
            raise FetchFailed(f"There is nothing at {url}.")
        return self.files[url]

    def _blocks(self, url: str, body: bytes) -> Iterator[bytes]:
        whole = self.cuts.pop(url, len(body))
        for start in range(0, min(whole, len(body)), BLOCK):
            yield body[start : min(start + BLOCK, whole)]
        if whole < len(body):
            raise FetchFailed(f"The connection to {url} broke off.")
