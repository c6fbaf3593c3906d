"""What every fetcher promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from basicchat.core.errors import FetchFailed
from basicchat.core.protocols import Fetcher

Publish = Callable[[str, bytes], str]
BODY = bytes(range(256)) * 64


class FetcherContract:
    """Override ``fetcher``, ``offline`` (one that must not ask) and ``publish`` (path and bytes to an address)."""

    @pytest.fixture
    def fetcher(self) -> Fetcher:
        raise NotImplementedError

    @pytest.fixture
    def offline(self) -> Fetcher:
        raise NotImplementedError

    @pytest.fixture
    def publish(self) -> Publish:
        raise NotImplementedError

    def test_text_is_the_document(self, fetcher: Fetcher, publish: Publish) -> None:
        assert fetcher.text(publish("/page", "Grüße".encode())) == "Grüße"

    def test_text_longer_than_the_limit_is_refused(self, fetcher: Fetcher, publish: Publish) -> None:
        with pytest.raises(FetchFailed):
            fetcher.text(publish("/page", b"x" * 101), limit=100)

    def test_nothing_there_is_a_failure(self, fetcher: Fetcher, publish: Publish) -> None:
        absent = publish("/here", b"x").replace("/here", "/elsewhere")
        with pytest.raises(FetchFailed):
            fetcher.text(absent)
        with pytest.raises(FetchFailed), fetcher.stream(absent):
            pass

    def test_a_stream_is_the_whole_file_with_its_size(self, fetcher: Fetcher, publish: Publish) -> None:
        with fetcher.stream(publish("/file", BODY)) as (total, blocks):
            assert b"".join(blocks) == BODY
            assert total == len(BODY)

    @pytest.mark.parametrize("offset", [1, 1000, len(BODY) - 1])
    def test_a_stream_begins_where_it_was_asked_to(self, fetcher: Fetcher, publish: Publish, offset: int) -> None:
        with fetcher.stream(publish("/file", BODY), offset=offset) as (total, blocks):
            assert b"".join(blocks) == BODY[offset:]
            assert total == len(BODY)

    def test_a_stream_from_the_end_is_empty(self, fetcher: Fetcher, publish: Publish) -> None:
        with fetcher.stream(publish("/file", BODY), offset=len(BODY)) as (_, blocks):
            assert b"".join(blocks) == b""

    def test_a_stream_from_beyond_the_end_is_a_failure(self, fetcher: Fetcher, publish: Publish) -> None:
        with pytest.raises(FetchFailed), fetcher.stream(publish("/file", BODY), offset=len(BODY) + 1) as (_, blocks):
            list(blocks)

    def test_offline_nothing_is_fetched(self, offline: Fetcher, publish: Publish) -> None:
        address = publish("/file", BODY)
        with pytest.raises(FetchFailed):
            offline.text(address)
        with pytest.raises(FetchFailed), offline.stream(address):
            pass
