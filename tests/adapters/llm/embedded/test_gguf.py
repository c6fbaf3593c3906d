"""The header of a model file."""

from __future__ import annotations

import struct

import pytest

from basicchat.adapters.llm.embedded.gguf import read_model_file


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key, kind, body):
    return text(key) + struct.pack("<I", kind) + body


HEADER = (
    b"GGUF"
    + struct.pack("<IQQ", 3, 0, 5)
    + b"".join(
        [
            entry("general.architecture", 8, text("tiny")),
            entry("tiny.context_length", 4, struct.pack("<I", 4096)),
            entry("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("bc")),
            entry("tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 2) + struct.pack("<ff", 0, 1)),
            entry("tokenizer.chat_template", 8, text("{% if tools %}")),
        ]
    )
)


def test_reads_what_comes_after_lists(tmp_path):
    path = tmp_path / "tiny.gguf"
    path.write_bytes(HEADER + b"tensors")
    file = read_model_file(path)
    assert (file.architecture, file.trained_window) == ("tiny", 4096)
    assert file.capabilities == ["completion", "tools"]
    assert file.size == len(HEADER) + 7


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", HEADER[:60], b"GGUF" + b"\xff" * 40])
def test_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "not.gguf"
    path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 - any of its messages
        read_model_file(path)


def test_another_file_has_another_digest(tmp_path):
    digests = set()
    for tail in (b"one", b"two"):
        path = tmp_path / f"{tail.decode()}.gguf"
        path.write_bytes(HEADER + tail)
        digests.add(read_model_file(path).digest)
    assert len(digests) == 2


@pytest.mark.models
def test_a_real_model(model_file):
    file = read_model_file(model_file("smollm2-135m-instruct-q4_1") / "model.gguf")
    assert (file.architecture, file.trained_window) == ("llama", 8192)
