from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from basicchat.adapters.embed.packed import BLOCK_TYPE, PackedModel, Shape
from basicchat.core.errors import StoreError

PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁sea", "é")
SCORES = (0.0, 0.0, 0.0, 0.0, -1.5, -2.5)
REPLACED = {0x0A: " ", 0xFB01: "fi", 0x01: ""}


def packed(file: Path) -> Path:
    """A file with two tensors: a matrix of two rows of four-bit weights, and three plain numbers."""
    blob = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, blob)])
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 2, 64, 6, 16, 1, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, ends[-1])
    head += ends.astype("<u4").tobytes() + np.float32(SCORES).tobytes() + b"".join(blob)
    replaced = b"".join(struct.pack(f"<IB{len(to)}I", each, len(to), *map(ord, to)) for each, to in REPLACED.items())
    head += struct.pack("<iI", len(REPLACED), len(replaced)) + replaced
    blocks = np.zeros(2, BLOCK_TYPE)
    blocks["scale"] = (0.5, 2.0)
    blocks["packed"][0] = np.arange(16)
    tensors = {"some.w": blocks.tobytes(), "some.b": np.float32([1, 2, 3]).tobytes()}
    start = len(head) + 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, data in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", 0, 0, start + len(body), len(data))
        body += data
    file.write_bytes(head + directory + body)
    return file


def test_what_is_in_a_file(tmp_path):
    model = PackedModel(packed(tmp_path / "weights.bin"))
    assert model.shape == Shape(width=32, layers=1, heads=2, inner=64, words=6, positions=16)
    words = model.vocabulary
    assert list(words.pieces) == list(zip(PIECES, SCORES, strict=True))
    assert (words.begin, words.end, words.unknown) == (0, 2, 3)
    assert words.replaced == REPLACED
    assert model.floats("some.b").tolist() == [1, 2, 3]
    blocks = model.blocks("some.w", 32)
    assert blocks.shape == (2, 1)
    assert blocks["scale"].tolist() == [[0.5], [2.0]]
    assert blocks["packed"][0, 0].tolist() == list(range(16))


@pytest.mark.parametrize("kept", [4, 20, 60, 130])
def test_a_file_that_ends_too_early_is_told(tmp_path, kept):
    file = packed(tmp_path / "weights.bin")
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(StoreError, match="damaged"):
        PackedModel(file)


def test_another_file_is_told(tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(StoreError, match="damaged"):
        PackedModel(file)
