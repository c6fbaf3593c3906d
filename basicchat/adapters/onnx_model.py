"""A transformer in ONNX form, run on the processor: what the ONNX embedder and the ONNX reranker share."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.weights import damaged, model_file, name_of

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Encoding, Tokenizer

WEIGHTS = "model.onnx"
TOKENIZER = "tokenizer.json"
BULK_NICENESS = 5
"""How much threads that embed many texts stand back: noticed by others on the same cores, not by an idle machine."""
MOST_THREADS = 8  # unless told otherwise; the memory of a run is held once for each

Input = str | tuple[str, str]
"""A text, or a pair of texts."""


class OnnxModel:
    """A folder with ``model.onnx`` and ``tokenizer.json``. Loads at its first use; threads may share it.

    Every text runs alone, on one core, with as many at a time as there are cores. Weights of one byte are
    quantised against the whole batch at run time, so in a batch a vector depends on its neighbours (cosine down to
    0.984 in batches of 32 of bge-small int8). Alone it does not, nothing is padded, and it is faster: 75 against 47
    passages a second on two cores. One that ``stands_back`` runs many texts at a low priority where threads have one.
    """

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 0, stands_back: bool = False) -> None:
        self._folder = folder
        self._max_tokens = max_tokens
        self._threads = threads or min(cores(), MOST_THREADS)
        self._stands_back = stands_back
        self._lock = threading.RLock()

    @property
    def threads(self) -> int:
        """How many texts run at a time."""
        return self._threads

    @cached_property
    def name(self) -> str:
        """The folder's name and the first 12 digits of the weights' sha256."""
        with self._lock:
            return name_of(self._folder, WEIGHTS)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Cuts at ``max_tokens``, special tokens included."""
        tokenizer = self._load_tokenizer()
        tokenizer.enable_truncation(self._max_tokens)
        return tokenizer

    @cached_property
    def whole_tokenizer(self) -> Tokenizer:
        """Cuts nothing."""
        tokenizer = self._load_tokenizer()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def session(self) -> InferenceSession:
        """The loaded weights. Raises `DependencyMissing` where there are none, `StoreError` where they are damaged."""
        with self._lock:
            return _open_session(model_file(self._folder, WEIGHTS))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        name = f"onnx-{self._folder.name}"
        return ThreadPoolExecutor(self._threads, thread_name_prefix=name, initializer=self._start_thread)

    def _start_thread(self) -> None:
        if self._stands_back:
            _let_others_go_first()

    def run(self, inputs: Sequence[Input]) -> Iterator[NDArray[np.float32]]:
        """The model's first output for each input, in order, without the batch dimension."""
        encodings = self.tokenizer.encode_batch(list(inputs))
        if len(encodings) == 1 or self._threads == 1:
            return map(self._run_one, encodings)
        with self._lock:
            self.session  # noqa: B018 - loaded once, before the threads ask for it
            pool = self._pool
        return self._run_side_by_side(pool, encodings)

    def _run_side_by_side(self, pool: ThreadPoolExecutor, encodings: Sequence[Encoding]) -> Iterator[Any]:
        longest_first = sorted(range(len(encodings)), key=lambda place: -len(encodings[place].ids))
        running = {place: pool.submit(self._run_one, encodings[place]) for place in longest_first}
        return (running[place].result() for place in range(len(encodings)))

    def _run_one(self, encoding: Encoding) -> NDArray[np.float32]:
        session = self.session
        known = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feed = {each.name: np.asarray([known[each.name]], dtype=np.int64) for each in session.get_inputs()}
        output: NDArray[np.float32] = session.run(None, feed)[0][0]
        return output

    def _load_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        file = model_file(self._folder, TOKENIZER)
        try:
            tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
        except Exception as error:  # the library raises nothing narrower
            raise damaged(file) from error
        tokenizer.no_padding()
        return tokenizer


def cores() -> int:
    """Cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _let_others_go_first() -> None:
    """Lower the priority of this thread where threads have one of their own: whoever waits for a page goes first.

    A single text, such as a question, runs in the thread that asks, at its full priority.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BULK_NICENESS)


def quiet_options() -> SessionOptions:
    """Options of a session that runs a text on one core and tells nobody of it."""
    import onnxruntime

    # Builds from 1.29 on can send usage over the network; the pinned ones cannot, and none of them may.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; warnings of the optimiser are no news to a reader
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _open_session(file: Path) -> InferenceSession:
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as failures

    try:
        return onnxruntime.InferenceSession(str(file), quiet_options(), providers=["CPUExecutionProvider"])
    except (failures.Fail, failures.InvalidArgument, failures.InvalidGraph, failures.InvalidProtobuf) as error:
        raise damaged(file) from error
    except (failures.NotImplemented, failures.RuntimeException, failures.NoSuchFile) as error:
        raise damaged(file) from error
