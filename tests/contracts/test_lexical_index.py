from __future__ import annotations

import pytest

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.testing.contracts.lexical_index import LexicalIndexContract
from basicchat.testing.indexes import MemoryLexicalIndex


class TestMemoryLexicalIndex(LexicalIndexContract):
    @pytest.fixture
    def index(self):
        return MemoryLexicalIndex()


class TestSqliteFtsIndex(LexicalIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = SqliteFtsIndex(tmp_path / "lexical.db")
        yield index
        index.close()
