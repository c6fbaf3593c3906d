from __future__ import annotations

import pytest

from basicchat.adapters.rerank.onnx import OnnxReranker
from basicchat.adapters.rerank.remembering import RememberingReranker
from basicchat.testing.contracts.reranker import RerankerContract
from basicchat.testing.embedding import OverlapReranker


class TestOverlapReranker(RerankerContract):
    @pytest.fixture
    def reranker(self):
        return OverlapReranker()


class TestRememberingReranker(RerankerContract):
    @pytest.fixture
    def reranker(self):
        return RememberingReranker(OverlapReranker())


@pytest.fixture(scope="module")
def onnx_reranker(model_file):
    return OnnxReranker(model_file("ms-marco-minilm-l12-v2-int8"))


@pytest.mark.models
class TestOnnxReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, onnx_reranker):
        return onnx_reranker
