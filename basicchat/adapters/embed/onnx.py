"""The default embedder: an ONNX model on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.onnx_model import OnnxModel
from basicchat.core.protocols import Vector

BGE_PREFIX = "Represent this sentence for searching relevant passages: "
"""What the bge models of version 1.5 want before a question, as their authors say."""

Pooling = Literal["cls", "mean"]


class OnnxEmbedder:
    """Unit vectors from a folder with ``model.onnx`` and ``tokenizer.json``. Loads at its first use.

    ``pooling`` is how the model was trained: ``cls`` takes the first token's vector (bge), ``mean`` the average
    (MiniLM). ``max_tokens`` counts the special tokens. ``threads`` 0 uses every core.
    """

    def __init__(
        self,
        folder: Path,
        *,
        query_prefix: str = BGE_PREFIX,
        pooling: Pooling = "cls",
        max_tokens: int = 256,
        threads: int = 0,
    ) -> None:
        self._model = OnnxModel(Path(folder), max_tokens=max_tokens, threads=threads, stands_back=True)
        self._query_prefix = query_prefix
        self._pooling = pooling
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        """The folder's name and the start of the weights' sha256, such as ``bge-small-en-v1.5-int8@68807e3ff2ab``."""
        return self._model.name

    @cached_property
    def dimension(self) -> int:
        """Length of every vector. Loads the model if it does not say."""
        size = self._model.session.get_outputs()[0].shape[-1]
        return size if isinstance(size, int) else len(self.embed_query(""))

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count, special tokens included."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones that the model adds, however long it is."""
        encodings = self._model.whole_tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, in order, as rows of a float32 array. A vector does not depend on the other texts."""
        rows = [self._pooled(output) for output in self._model.run(texts)] if texts else []
        return cast(Sequence[Vector], np.asarray(rows, dtype=np.float32).reshape(len(rows), -1 if rows else 0))

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with: the text with the prefix that the model wants for questions."""
        return self.embed_passages([self._query_prefix + text])[0]

    def _pooled(self, output: NDArray[np.float32]) -> NDArray[np.float32]:
        """The vector of a text from those of its tokens. There is no padding, so every row counts."""
        vector: NDArray[np.float32] = output[0] if self._pooling == "cls" else output.mean(axis=0)
        unit: NDArray[np.float32] = vector / np.float32(np.linalg.norm(vector) or 1.0)
        return unit
