from __future__ import annotations

import pytest

from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.ingest.chunk import NaturalSplitter
from basicchat.testing.contracts.splitter import SplitterContract


class TestNaturalSplitter(SplitterContract):
    @pytest.fixture
    def splitter(self):
        return NaturalSplitter()


class TestRecursiveSplitter(SplitterContract):
    @pytest.fixture
    def splitter(self):
        return RecursiveSplitter()
