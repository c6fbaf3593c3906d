"""An embedder that runs any sentence-transformers model from a folder, with PyTorch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from basicchat.adapters.weights import model_file, name_of
from basicchat.core.errors import DependencyMissing
from basicchat.core.protocols import Vector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

WEIGHTS = "model.safetensors"


class SentenceTransformerEmbedder:
    """Unit vectors from a folder that `SentenceTransformer.save` wrote. Loads at its first use.

    Reads local files only, runs no code of the model's folder. Needs the extra ``sentence-transformers``.
    """

    def __init__(
        self, folder: Path, *, query_prefix: str = "", max_tokens: int = 256, device: str = "cpu", batch_size: int = 32
    ) -> None:
        self._folder = Path(folder)
        self._query_prefix = query_prefix
        self._max_tokens = max_tokens
        self._device = device
        self._batch_size = batch_size
        self._lock = threading.Lock()

    @cached_property
    def name(self) -> str:
        """The folder's name and the start of the weights' sha256."""
        return name_of(self._folder, WEIGHTS)

    @cached_property
    def dimension(self) -> int:
        """Length of every vector."""
        return len(self.embed_query(""))

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count, special tokens included."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones, however long it is."""
        tokenizer = self._model.tokenizer
        return [
            len(tokenizer.encode(text, add_special_tokens=False, truncation=False, verbose=False)) for text in texts
        ]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, in order, as rows of a float32 array."""
        if not texts:
            return []
        with self._lock:
            rows = self._model.encode(
                list(texts),
                batch_size=self._batch_size,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return cast(Sequence[Vector], np.asarray(rows, dtype=np.float32))

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with: the text with the prefix that the model wants for questions."""
        return self.embed_passages([self._query_prefix + text])[0]

    @cached_property
    def _model(self) -> SentenceTransformer:
        model_file(self._folder, WEIGHTS)
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise DependencyMissing("sentence-transformers", extra="sentence-transformers") from error
        model = SentenceTransformer(
            str(self._folder), device=self._device, trust_remote_code=False, local_files_only=True
        )
        model.max_seq_length = self._max_tokens
        return model
