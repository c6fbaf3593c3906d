from __future__ import annotations

import pytest

from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.testing.contracts.vector_index import VectorIndexContract
from basicchat.testing.indexes import MemoryVectorIndex


class TestMemoryVectorIndex(VectorIndexContract):
    @pytest.fixture
    def index(self):
        return MemoryVectorIndex()


class TestChromaIndex(VectorIndexContract):
    @pytest.fixture
    def index(self, tmp_path):
        index = ChromaIndex(tmp_path / "chroma")
        yield index
        index.close()
