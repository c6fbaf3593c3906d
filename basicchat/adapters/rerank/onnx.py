"""The default reranker: an ONNX cross-encoder on the processor."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from basicchat.adapters.onnx_model import OnnxModel

PAIRS_A_THREAD = 2  # between two looks at the clock: 8 cores look after 16 pairs, 2 cores after 4


class OnnxReranker:
    """Scores (question, passage) pairs with a cross-encoder in a folder with ``model.onnx`` and ``tokenizer.json``.

    Loads at its first use. A score does not depend on the other passages. ``threads`` 0 uses every core.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 256, threads: int = 0) -> None:
        self._model = OnnxModel(Path(folder), max_tokens=max_tokens, threads=threads)

    @property
    def name(self) -> str:
        """The folder's name and the start of the weights' sha256."""
        return self._model.name

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """One logit a passage, in order; 0 is undecided. The longer part of a pair that is too long is cut.

        Given a ``deadline`` (`time.monotonic` seconds), returns those of a leading part once it has passed,
        but always those of the first batch.
        """
        size = self._model.threads * PAIRS_A_THREAD
        scores: list[float] = []
        for start in range(0, len(passages), size):
            if start and deadline is not None and time.monotonic() >= deadline:
                break
            pairs = [(query, passage) for passage in passages[start : start + size]]
            scores += [float(output.reshape(-1)[0]) for output in self._model.run(pairs)]
        return scores
