from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from basicchat.adapters.embed.sentence_transformers import SentenceTransformerEmbedder
from basicchat.core.errors import DependencyMissing
from basicchat.testing.contracts.embedder import EmbedderContract

MODEL = "all-minilm-l6-v2"
needs_package = pytest.mark.skipif(
    find_spec("sentence_transformers") is None,
    reason='sentence-transformers is not installed: pip install "basicchat[sentence-transformers]"',
)


@pytest.fixture(scope="module")
def minilm(model_file):
    return SentenceTransformerEmbedder(model_file(MODEL))


@needs_package
@pytest.mark.models
class TestSentenceTransformerEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, minilm):
        return minilm


@needs_package
@pytest.mark.models
def test_the_prefix_goes_before_questions_only(model_file, minilm):
    prefixed = SentenceTransformerEmbedder(model_file(MODEL), query_prefix="query: ")
    assert np.allclose(prefixed.embed_query("gearbox"), minilm.embed_passages(["query: gearbox"])[0], atol=1e-5)


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="sentence-transformers is installed")
def test_without_the_package_the_extra_is_named(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(DependencyMissing) as caught:
        SentenceTransformerEmbedder(tmp_path).embed_query("a")
    assert "basicchat[sentence-transformers]" in caught.value.hint


def test_absent_files_name_the_command_that_fetches_them(tmp_path):
    with pytest.raises(DependencyMissing) as caught:
        SentenceTransformerEmbedder(tmp_path / "some-model").embed_query("a")
    assert "basicchat models pull some-model" in caught.value.hint
