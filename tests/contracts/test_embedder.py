from __future__ import annotations

import pytest

from basicchat.adapters.embed.onnx import OnnxEmbedder
from basicchat.adapters.embed.remembering import RememberingEmbedder
from basicchat.testing.contracts.embedder import EmbedderContract
from basicchat.testing.embedding import HashingEmbedder


class TestHashingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return HashingEmbedder()


class TestRememberingEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self):
        return RememberingEmbedder(HashingEmbedder())


@pytest.fixture(scope="module")
def onnx_embedder(model_file):
    return OnnxEmbedder(model_file("bge-small-en-v1.5-int8"))


@pytest.mark.models
class TestOnnxEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, onnx_embedder):
        return onnx_embedder
