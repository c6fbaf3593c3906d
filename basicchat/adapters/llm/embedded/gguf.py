"""Reads what a GGUF model file says about itself, without loading the model.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LONGEST = 1 << 24  # no honest key or text is longer; a damaged file must not make us read gigabytes
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file: its metadata, size in bytes, time of change, and a digest.

    ``digest`` is the sha256 of the size and the first and last MiB: it tells files apart without reading them whole.
    """

    path: Path
    size: int
    modified: float
    digest: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """Such as ``qwen2``."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def trained_window(self) -> int:
        """Longest context the model was trained for, in tokens; 0 if the file does not say."""
        return int(self.metadata.get(f"{self.architecture}.context_length", 0))

    @property
    def template(self) -> str:
        """The chat template, empty for a model that does not talk."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    @property
    def capabilities(self) -> list[str]:
        """In Ollama's words."""
        if f"{self.architecture}.pooling_type" in self.metadata:
            return ["embedding"]
        return ["completion", "tools"] if "tools" in self.template else ["completion"]


def read_model_file(path: Path) -> ModelFile:
    """Read the header. Raises `OSError` where there is no file, `ValueError` where it is not GGUF."""
    stat = path.stat()
    return _read(path, stat.st_size, stat.st_mtime)


@lru_cache(maxsize=64)
def _read(path: Path, size: int, modified: float) -> ModelFile:
    with path.open("rb") as file:
        digest = hashlib.sha256(str(size).encode() + file.read(_MEBIBYTE))
        file.seek(max(0, size - _MEBIBYTE))
        digest.update(file.read(_MEBIBYTE))
        file.seek(0)
        try:
            metadata = _metadata(file)
        except (struct.error, UnicodeDecodeError, KeyError) as error:
            raise ValueError(f"{path.name} is damaged") from error
    return ModelFile(path, size, modified, digest.hexdigest(), metadata)


def _metadata(file: BinaryIO) -> dict[str, Any]:
    if file.read(4) != b"GGUF":
        raise ValueError("not a GGUF file")
    _version, _tensors, count = struct.unpack("<IQQ", file.read(20))
    values: dict[str, Any] = {}
    for _ in range(count):
        key = _text(file)
        values[key] = _value(file, _number(file, "<I"))
    return {key: value for key, value in values.items() if value is not None}


def _number(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _text(file: BinaryIO) -> str:
    length = _number(file, "<Q")
    if length > _LONGEST:
        raise ValueError("a text in the header is too long")
    return file.read(length).decode()


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        _skip_array(file)
        return None
    return _number(file, _SCALARS[kind])


def _skip_array(file: BinaryIO) -> None:
    kind, count = struct.unpack("<IQ", file.read(12))
    if kind in _SCALARS:
        file.seek(count * struct.calcsize(_SCALARS[kind]), 1)
        return
    for _ in range(count):
        if kind == _STRING:
            file.seek(_number(file, "<Q"), 1)
        else:
            _skip_array(file)
