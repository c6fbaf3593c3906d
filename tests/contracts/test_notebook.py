from __future__ import annotations

import pytest

from basicchat.adapters.notebook.sqlite import SqliteNotebook
from basicchat.testing.contracts.notebook import NotebookContract
from basicchat.testing.notebook import MemoryNotebook


class TestMemoryNotebook(NotebookContract):
    @pytest.fixture
    def notebook(self):
        return MemoryNotebook()


class TestSqliteNotebook(NotebookContract):
    @pytest.fixture
    def notebook(self, tmp_path):
        notebook = SqliteNotebook(tmp_path / "new" / "research.sqlite")
        yield notebook
        notebook.close()
