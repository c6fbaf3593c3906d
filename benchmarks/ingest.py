"""How fast files are taken in, beside the bare embedding of the very same passages in the same run."""

from __future__ import annotations

import time
from pathlib import Path

from basicchat import bootstrap
from basicchat.core.protocols import Embedder
from benchmarks.table import evaluation_set, print_table, scratch_settings

FILES = ("ADOBE_2022_10K.pdf", "NETFLIX_2017_10K.pdf", "BESTBUY_2024Q2_10Q.pdf")
BATCH = 32


def bare_seconds(embedder: Embedder, texts: list[str]) -> float:
    """Seconds to embed the texts in batches sorted by length, nothing else."""
    ordered = sorted(texts, key=len)
    started = time.perf_counter()
    for first in range(0, len(ordered), BATCH):
        embedder.embed_passages(ordered[first : first + BATCH])
    return time.perf_counter() - started


def main() -> None:
    """Ingest into a fresh library, embed the same passages bare before and after, print the table."""
    folder = evaluation_set("financebench") / "pdfs"
    paths = [Path(folder / name) for name in FILES]
    with scratch_settings() as settings, bootstrap.open_assistant(settings) as assistant:
        embedder = bootstrap.embedder(settings)
        embedder.embed_passages(["warm"])
        assistant.search("warm")
        started = time.perf_counter()
        outcomes = assistant.ingest(paths)
        ingested = time.perf_counter() - started
        texts = [
            chunk.text for document in assistant.library.documents() for chunk in assistant.library.chunks(document.id)
        ]
        bare = bare_seconds(embedder, texts)
    pages, chunks = sum(outcome.pages for outcome in outcomes), sum(outcome.chunks for outcome in outcomes)
    print_table(
        "Taking files in",
        ("files", "pages", "passages", "pages/s", "passages/s", "bare embedding passages/s", "share of bare"),
        [(len(paths), pages, chunks, pages / ingested, chunks / ingested, len(texts) / bare, bare / ingested)],
    )


if __name__ == "__main__":
    main()
