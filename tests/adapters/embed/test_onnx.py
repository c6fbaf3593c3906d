from __future__ import annotations

import shutil

import numpy as np
import pytest

from basicchat.adapters.embed.onnx import OnnxEmbedder
from basicchat.core.errors import DependencyMissing, StoreError

MODEL = "bge-small-en-v1.5-int8"


def test_absent_files_name_the_command_that_fetches_them(tmp_path):
    embedder = OnnxEmbedder(tmp_path / "some-model")
    for use in (lambda: embedder.name, lambda: embedder.embed_query("a"), lambda: embedder.count_tokens(["a"])):
        with pytest.raises(DependencyMissing) as caught:
            use()
        assert "basicchat models pull some-model" in caught.value.hint


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"\xff" * 1_000)
    (tmp_path / "tokenizer.json").write_text("{}")
    embedder = OnnxEmbedder(tmp_path)
    with pytest.raises(StoreError, match=r"model\.onnx .* is damaged"):
        _ = embedder.dimension
    with pytest.raises(StoreError, match=r"tokenizer\.json .* is damaged"):
        embedder.count_tokens(["a"])


@pytest.mark.models
def test_weights_without_a_tokenizer(model_file, tmp_path):
    shutil.copy(model_file(MODEL) / "model.onnx", tmp_path / "model.onnx")
    embedder = OnnxEmbedder(tmp_path)
    assert embedder.dimension == 384
    with pytest.raises(DependencyMissing):
        embedder.embed_query("a")


@pytest.mark.models
def test_a_vector_is_the_same_alone_and_among_others_and_for_any_number_of_threads(model_file):
    texts = [f"{n} words of the gearbox manual " * (n % 9) for n in range(40)]
    several, one = OnnxEmbedder(model_file(MODEL), threads=3), OnnxEmbedder(model_file(MODEL), threads=1)
    assert np.array_equal(np.asarray(several.embed_passages(texts)), np.asarray(one.embed_passages(texts)))
    assert np.array_equal(
        np.asarray(several.embed_passages(texts))[7], np.asarray(several.embed_passages([texts[7]]))[0]
    )


@pytest.mark.models
def test_pooling_and_prefix_and_length_make_a_difference(model_file):
    folder = model_file(MODEL)
    plain = OnnxEmbedder(folder, query_prefix="")
    text = "How long is the warranty of the gearbox? " * 20
    assert np.array_equal(plain.embed_query(text), plain.embed_passages([text])[0])
    others = [OnnxEmbedder(folder), OnnxEmbedder(folder, pooling="mean"), OnnxEmbedder(folder, max_tokens=16)]
    for other in others:
        assert not np.allclose(other.embed_query(text), plain.embed_query(text), atol=1e-3)
