"""How fast files are taken in, beside the bare embedding of the very same passages in the same run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from basicchat import bootstrap
from benchmarks.table import evaluation_set, print_table, scratch_settings

FILES = ("ADOBE_2022_10K.pdf", "NETFLIX_2017_10K.pdf", "BESTBUY_2024Q2_10Q.pdf")
BATCH = 32


def bare_seconds(folder: Path, texts: list[str]) -> float:
    """Seconds for tokenizers and onnxruntime alone, every core, batches of like length padded to their longest."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    names = {entry.name for entry in session.get_inputs()}
    ordered = sorted(texts, key=len)
    started = time.perf_counter()
    for first in range(0, len(ordered), BATCH):
        encoded = tokenizer.encode_batch(ordered[first : first + BATCH])
        feed = {
            "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in encoded], dtype=np.int64),
            "token_type_ids": np.array([each.type_ids for each in encoded], dtype=np.int64),
        }
        session.run(None, {name: value for name, value in feed.items() if name in names})
    return time.perf_counter() - started


def main() -> None:
    """Ingest into a fresh library, embed the same passages bare before and after, print the table."""
    folder = evaluation_set("financebench") / "pdfs"
    paths = [Path(folder / name) for name in FILES]
    with scratch_settings() as settings, bootstrap.open_assistant(settings) as assistant:
        assistant.search("warm")
        started = time.perf_counter()
        outcomes = assistant.ingest(paths)
        ingested = time.perf_counter() - started
        texts = [
            chunk.text for document in assistant.library.documents() for chunk in assistant.library.chunks(document.id)
        ]
        bare = bare_seconds(settings.models_folder / settings.models.embedder, texts)
    pages, chunks = sum(outcome.pages for outcome in outcomes), sum(outcome.chunks for outcome in outcomes)
    print_table(
        "Taking files in",
        ("files", "pages", "passages", "pages/s", "passages/s", "bare ONNX passages/s", "share of bare"),
        [(len(paths), pages, chunks, pages / ingested, chunks / ingested, len(texts) / bare, bare / ingested)],
    )


if __name__ == "__main__":
    main()
