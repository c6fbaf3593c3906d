from __future__ import annotations

import pytest

from basicchat.adapters.cache.sqlite import SqliteCache
from basicchat.testing.cache import MemoryCache
from basicchat.testing.contracts.cache import CacheContract


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def make(self):
        return lambda limit, clock: MemoryCache(limit=limit, clock=clock)


class TestSqliteCache(CacheContract):
    @pytest.fixture
    def make(self, tmp_path):
        made = []

        def make(limit, clock):
            made.append(SqliteCache(tmp_path / "new" / "answers.sqlite", limit=limit, clock=clock))
            return made[-1]

        yield make
        for cache in made:
            cache.close()
