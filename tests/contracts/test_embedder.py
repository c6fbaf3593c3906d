from __future__ import annotations

import pytest

from basicchat.adapters.embed.e5 import E5Embedder
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


@pytest.fixture(scope="module")
def e5_embedder(model_file):
    return E5Embedder(model_file("multilingual-e5-small-q4"))


@pytest.mark.models
class TestE5Embedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, e5_embedder):
        return e5_embedder
