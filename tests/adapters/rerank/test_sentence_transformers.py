from __future__ import annotations

import time
from importlib.util import find_spec

import pytest

from basicchat.adapters.rerank.sentence_transformers import CrossEncoderReranker
from basicchat.core.errors import DependencyMissing

needs_package = pytest.mark.skipif(
    find_spec("sentence_transformers") is None,
    reason='sentence-transformers is not installed: pip install "basicchat[sentence-transformers]"',
)


@needs_package
@pytest.mark.models
def test_one_logit_a_passage_until_the_deadline(model_file):
    """The weights are those of an embedder, so what the scores say means nothing here; their form does."""
    reranker = CrossEncoderReranker(model_file("all-minilm-l6-v2"), batch_size=4)
    scores = reranker.score("question", [f"passage {n}" for n in range(10)])
    assert len(scores) == 10
    assert all(isinstance(score, float) for score in scores)
    assert len(reranker.score("question", ["passage"] * 10, deadline=time.monotonic() - 1)) == 4
    assert reranker.score("question", []) == []
    assert reranker.name.startswith("all-minilm-l6-v2@")


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="sentence-transformers is installed")
def test_without_the_package_the_extra_is_named(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(DependencyMissing) as caught:
        CrossEncoderReranker(tmp_path).score("question", ["passage"])
    assert "basicchat[sentence-transformers]" in caught.value.hint


def test_absent_files_name_the_command_that_fetches_them(tmp_path):
    with pytest.raises(DependencyMissing) as caught:
        CrossEncoderReranker(tmp_path / "some-model").score("question", ["passage"])
    assert "basicchat models pull some-model" in caught.value.hint
