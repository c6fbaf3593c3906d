from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.tables.duckdb import DuckDbTables
from basicchat.testing.contracts.table_index import TableIndexContract
from basicchat.testing.tables import MemoryTables


class TestMemoryTables(TableIndexContract):
    @pytest.fixture
    def index(self) -> MemoryTables:
        return MemoryTables()


class TestDuckDbTables(TableIndexContract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> DuckDbTables:
        return DuckDbTables(tmp_path / "tables.duckdb")
