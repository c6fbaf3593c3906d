from __future__ import annotations

import pytest

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.testing.contracts.store import StoreContract
from basicchat.testing.store import MemoryStore


class TestMemoryStore(StoreContract):
    def opened(self, file):
        return MemoryStore.opened(file)

    @pytest.fixture
    def store(self):
        return MemoryStore()


class TestSqlStore(StoreContract):
    def opened(self, file):
        return SqlStore(file)

    @pytest.fixture
    def store(self, tmp_path):
        store = SqlStore(tmp_path / "library.db")
        yield store
        store.close()
