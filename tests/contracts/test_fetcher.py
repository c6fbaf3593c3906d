from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.contracts.fetcher import FetcherContract
from basicchat.testing.fetch import MemoryFetcher
from basicchat.testing.file_server import FileServer


class TestMemoryFetcher(FetcherContract):
    @pytest.fixture
    def fetcher(self) -> MemoryFetcher:
        return MemoryFetcher()

    @pytest.fixture
    def offline(self) -> MemoryFetcher:
        return MemoryFetcher(offline=True)

    @pytest.fixture
    def publish(self, fetcher: MemoryFetcher) -> Callable[[str, bytes], str]:
        def put(path: str, body: bytes) -> str:
            fetcher.files[f"https://example.org{path}"] = body
            return f"https://example.org{path}"

        return put


class TestGuardedFetcher(FetcherContract):
    @pytest.fixture
    def server(self) -> Iterator[FileServer]:
        with FileServer() as server:
            yield server

    @pytest.fixture
    def fetcher(self) -> Iterator[GuardedFetcher]:
        fetcher = GuardedFetcher(offline=False, hosts=(), ledger=EgressLedger(), loopback=True)
        yield fetcher
        fetcher.close()

    @pytest.fixture
    def offline(self) -> GuardedFetcher:
        return GuardedFetcher(offline=True, hosts=(), ledger=EgressLedger(), loopback=True)

    @pytest.fixture
    def publish(self, server: FileServer) -> Callable[[str, bytes], str]:
        def put(path: str, body: bytes) -> str:
            server.files[path] = body
            server.types[path] = "text/html; charset=utf-8"
            return server.url + path

        return put
