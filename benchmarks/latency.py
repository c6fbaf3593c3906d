"""How long a search takes in libraries of 10,000 to 500,000 passages, with and without reranking and filters.

    python -m benchmarks.latency                                10,000, 100,000 and 500,000 passages
    python -m benchmarks.latency --chunks 10000 --home FOLDER   one size, kept there to be used again
    python -m benchmarks.latency --questions 40                 so many questions for each row

Each row asks real questions that no row before it asked, one after the other, through the product's own search: the
question is embedded, both indexes are asked, chunks are loaded from the database, joined, reranked. Beside it stands
exact comparison with every vector, held in memory by numpy, in the same run. `latency_library` says what a library is
made of.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from basicchat.bootstrap import parts
from basicchat.core.filters import EVERYTHING, Filter
from basicchat.core.protocols import Vector
from basicchat.core.types import Query, Scope
from basicchat.retrieve.filter import scope_of
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.settings import Settings, load
from benchmarks.latency_library import (
    BROAD,
    NARROW,
    Base,
    OpenLibrary,
    base_of,
    grow,
    open_library,
    passages,
    questions,
)
from benchmarks.table import percentile, print_table

SIZES = (10_000, 100_000, 500_000)
WARM_UP = 10
"""Questions that are asked before any is timed."""
DEPTH = 100
"""Passages that exact comparison gives, as many as the search takes from each index."""
COMPARED = 10
"""Of the first so many, the share that the index finds too."""
PART = 5_000

FILTERS = (
    ("everything", EVERYTHING),
    ("narrow filter", Filter(tags=(NARROW,))),
    ("broad filter", Filter(tags=(BROAD,))),
)


def rows_of(settings: Settings, library: OpenLibrary, asked: Iterator[str], count: int) -> Iterator[tuple[object, ...]]:
    """A row for each filter, without and with reranking."""
    config = parts.retrieve_config(settings)
    for reranked in (False, True):
        chosen = config if reranked else replace(config, rerank_top=0)
        search = retriever(settings, library, chosen)
        for name, wanted in FILTERS:
            label = f"{name}, {'reranked' if reranked else 'not reranked'}"
            yield label, *timed(partial(_search, library, search, wanted), asked, count)


def retriever(settings: Settings, library: OpenLibrary, config: RetrieveConfig) -> Retriever:
    """The product's search over the library."""
    return Retriever(
        generations=library.switch.generations,
        lexical=library.lexical,
        store=library.store,
        reranker=parts.reranker(settings),
        config=config,
    )


def _search(library: OpenLibrary, search: Retriever, wanted: Filter, text: str) -> object:
    with library.store.begin() as unit:
        scope = scope_of(wanted, Scope(), unit)
    return search.search(Query(text, scope))


def timed(call: Callable[[str], object], asked: Iterator[str], count: int) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds, over ``count`` further questions."""
    for _ in range(WARM_UP):
        call(next(asked))
    seconds = []
    for _ in range(count):
        text = next(asked)
        started = time.perf_counter()
        call(text)
        seconds.append(time.perf_counter() - started)
    return 1_000 * percentile(seconds, 0.5), 1_000 * percentile(seconds, 0.95)


def parts_of(library: OpenLibrary, texts: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """A row for each part of the search by itself, with the same questions."""
    with library.switch.generations.serving() as generation:
        vectors = {text: generation.embedder.embed_query(text) for text in texts}
        count = len(texts) - WARM_UP

        def near(text: str) -> object:
            return generation.vectors.search(vectors[text], scope=Scope(), top_k=DEPTH)

        yield "of it: vectors", *timed(near, iter(texts), count)
        yield (
            "of it: words",
            *timed(lambda t: library.lexical.search(t, scope=Scope(), top_k=DEPTH), iter(texts), count),
        )


def exact(library: OpenLibrary, base: Base, chunks: int, texts: Sequence[str]) -> tuple[tuple[object, ...], float]:
    """The row of exact comparison, and the share of its first `COMPARED` that the index gives too."""
    matrix = np.concatenate([passages(base, start, min(start + PART, chunks))[1] for start in range(0, chunks, PART)])
    with library.switch.generations.serving() as generation:
        vectors = {text: np.asarray(generation.embedder.embed_query(text), dtype=np.float32) for text in texts}
        found = [_both(matrix, generation.vectors.search, vectors[text]) for text in texts[:WARM_UP]]
    row = timed(lambda text: _best(matrix, vectors[text], DEPTH), iter(texts), len(texts) - WARM_UP)
    return ("exact, numpy", *row), sum(found) / len(found)


def _best(matrix: NDArray[np.float32], vector: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The highest cosines, in order."""
    cosines = matrix @ vector
    best = cosines[np.argpartition(-cosines, count)[:count]]
    return -np.sort(-best)


def _both(
    matrix: NDArray[np.float32], search: Callable[..., Sequence[tuple[str, float]]], vector: NDArray[np.float32]
) -> float:
    """The share of the best cosines that the index reaches."""
    least = _best(matrix, vector, COMPARED)[-1] - 1e-5
    given: Vector = vector  # type: ignore[assignment]
    found = sum(score >= least for _, score in search(given, scope=Scope(), top_k=COMPARED))
    return float(found / COMPARED)


def megabytes(folder: Path, *patterns: str) -> float:
    """What files take on the disk."""
    files = {file for pattern in patterns for file in folder.rglob(pattern) if file.is_file()}
    return sum(file.stat().st_size for file in files) / 2**20


def measure(settings: Settings, base: Base, chunks: int, count: int) -> None:
    """Bring a library to a size, ask it, and print its tables."""
    started = time.perf_counter()
    with closing(open_library(settings)) as library:
        grow(library, base, chunks)
    built = time.perf_counter() - started
    asked = iter(questions())
    with closing(open_library(settings)) as library:
        rows = list(rows_of(settings, library, asked, count))
        some = [next(asked) for _ in range(WARM_UP + count)]
        rows += parts_of(library, some)
        held = psutil.Process().memory_info().rss / 2**20
        row, recall = exact(library, base, chunks, some)
    print_table(f"{chunks:,} passages", ("search", "p50 ms", "p95 ms"), [*rows, row])
    sizes = (("*",), ("basicchat.sqlite*",), ("words.sqlite*",), ("vectors/**/*",))
    disk = [round(megabytes(settings.home, *patterns)) for patterns in sizes]
    header = ("RSS MB", "disk MB", "database", "words", "vectors", f"recall@{COMPARED}", "written in s")
    print_table("memory and disk", header, [(round(held), *disk, f"{recall:.3f}", round(built))])


def main() -> None:
    """Measure every size."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--chunks", type=int, nargs="+", default=SIZES, help="how many passages")
    options.add_argument("--home", type=Path, help="where the libraries are kept, a folder for each size")
    options.add_argument("--questions", type=int, default=60, help="for each row")
    chosen = options.parse_args()
    everyday = load()
    models = everyday.models.model_copy(update={"folder": everyday.models_folder, "fetch": False})
    with tempfile.TemporaryDirectory(prefix="basicchat-latency-", ignore_cleanup_errors=True) as scratch:
        home = chosen.home or Path(scratch)
        base = base_of(home / "base")
        for chunks in chosen.chunks:
            (home / str(chunks)).mkdir(parents=True, exist_ok=True)
            measure(
                everyday.model_copy(update={"home": home / str(chunks), "models": models}),
                base,
                chunks,
                chosen.questions,
            )


if __name__ == "__main__":
    main()
