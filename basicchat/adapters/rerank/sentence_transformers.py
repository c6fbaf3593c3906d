"""A reranker that runs any cross-encoder of sentence-transformers from a folder, with PyTorch."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.adapters.weights import model_file, name_of
from basicchat.core.errors import DependencyMissing

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

WEIGHTS = "model.safetensors"


class CrossEncoderReranker:
    """Scores (question, passage) pairs with a cross-encoder from a folder; higher is more relevant.

    Reads local files only, runs no code of the model's folder. Needs the extra ``sentence-transformers``.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 256, device: str = "cpu", batch_size: int = 8) -> None:
        self._folder = Path(folder)
        self._max_tokens = max_tokens
        self._device = device
        self._batch_size = batch_size
        self._lock = threading.Lock()

    @cached_property
    def name(self) -> str:
        """The folder's name and the start of the weights' sha256."""
        return name_of(self._folder, WEIGHTS)

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """One logit a passage, in order; stops between batches once the deadline has passed, never before the first."""
        scores: list[float] = []
        for start in range(0, len(passages), self._batch_size):
            if start and deadline is not None and time.monotonic() >= deadline:
                break
            scores += self._batch([(query, passage) for passage in passages[start : start + self._batch_size]])
        return scores

    def _batch(self, pairs: list[tuple[str, str]]) -> list[float]:
        with self._lock:
            encoder = self._encoder
            from torch import nn

            logits = encoder.predict(
                pairs, batch_size=self._batch_size, activation_fn=nn.Identity(), show_progress_bar=False
            )
        return [float(logit) for logit in logits]

    @cached_property
    def _encoder(self) -> CrossEncoder:
        model_file(self._folder, WEIGHTS)
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise DependencyMissing("sentence-transformers", extra="sentence-transformers") from error
        return CrossEncoder(
            str(self._folder),
            device=self._device,
            max_length=self._max_tokens,
            trust_remote_code=False,
            local_files_only=True,
        )
