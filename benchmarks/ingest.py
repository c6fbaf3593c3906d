"""How fast PDFs are taken in, stage by stage, beside bare embedding and beside the plain recipe of LangChain.

``python -m benchmarks.ingest`` takes the default embedder. With ``--embedder FOLDER`` it takes another ONNX model,
with ``--recipe PYTHON MODEL`` it also runs `benchmarks.recipe` in that Python over the same files; ``--files N`` takes
the N smallest of the 13 filings. Seconds of processor time, of all processes and cores together, stand beside the
seconds on the clock: on a machine that others use too, only they can be compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

from basicchat.adapters.embed.onnx import OnnxEmbedder
from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.bootstrap import parts
from basicchat.core.generations import Generation
from basicchat.core.protocols import Loader, Tell, Vector, silent
from basicchat.core.types import Chunk, ChunkSize, LoadedDocument
from basicchat.ingest.chunk import NATURAL
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import Ingestor
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

T = TypeVar("T")
BATCH = 32


@dataclass
class Clock:
    """Seconds by stage. Stages overlap, so they add up to more than the whole."""

    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, stage: str, work: Callable[[], T]) -> T:
        """Do the work and count its time."""
        started = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


@dataclass
class TimedLoader:
    """A loader whose reading is counted."""

    media_types: frozenset[str]
    inner: Loader
    clock: Clock

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """What the loader reads."""
        given = {"name": name, "password": password}
        yield from self.clock.run("read", lambda: list(self.inner.load(path, tell=tell, **given)))


@dataclass
class TimedSplitter:
    """A splitter whose cutting is counted."""

    clock: Clock

    def split(
        self, text: str, *, headings: Sequence[int] = (), size: ChunkSize, count: Callable[..., Sequence[int]]
    ) -> list[tuple[int, int]]:
        """What the natural splitter gives."""
        return self.clock.run("cut", lambda: NATURAL.split(text, headings=headings, size=size, count=count))


class TimedEmbedder(OnnxEmbedder):
    """An embedder that counts its time and keeps the texts."""

    clock: Clock
    texts: list[str]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """What the embedder gives."""
        self.texts.extend(texts)
        return self.clock.run("embed", lambda: OnnxEmbedder.embed_passages(self, texts))


class TimedVectors(ChromaIndex):
    """An index that counts its time."""

    clock: Clock

    def add(self, collection: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """What the index does."""
        self.clock.run("vectors", lambda: ChromaIndex.add(self, collection, chunks, vectors))


class TimedWords(SqliteFtsIndex):
    """A word index that counts its time."""

    clock: Clock

    def add(self, collection: str, chunks: Sequence[Chunk]) -> None:
        """What the index does."""
        self.clock.run("words", lambda: SqliteFtsIndex.add(self, collection, chunks))


@dataclass(frozen=True)
class Measured:
    """One run of ours. ``bare`` is the time of the embedder alone for the very same texts."""

    pages: int
    passages: int
    seconds: float
    bare: float
    processor: float
    processor_bare: float
    stages: dict[str, float]


def measure(settings: Settings, model: Path, files: Sequence[Path]) -> Measured:
    """Take the files into a fresh library, then embed the same texts with nothing else to do."""
    clock, home = Clock(), settings.home / model.name
    pooling = "mean" if "minilm" in model.name.lower() else "cls"
    embedder = TimedEmbedder(model, pooling=pooling, query_prefix="")  # type: ignore[arg-type]
    embedder.clock, embedder.texts = clock, []
    vectors, words = TimedVectors(home / "vectors"), TimedWords(home / "words.sqlite")
    vectors.clock = words.clock = clock
    with ExitStack() as closing:
        store = SqlStore(home / "library.sqlite")
        closing.callback(store.close)
        closing.callback(vectors.close)
        closing.callback(words.close)
        ingestor = Ingestor(
            loaders=[TimedLoader(loader.media_types, loader, clock) for loader in parts.loaders(settings, closing)],
            generations=Generations(Generation(model.name, embedder, vectors)),
            store=store,
            lexical=words,
            files=home / "files",
            config=parts.ingest_config(settings),
            splitter=TimedSplitter(clock),
        )
        closing.callback(ingestor.close)
        OnnxEmbedder.embed_passages(embedder, ["warm"] * 8)
        import chromadb  # noqa: F401 - as the recipe has imported everything before its clock starts

        started, busy = time.perf_counter(), _processor()
        outcomes = list(ingestor.ingest(files))
        seconds, processor = time.perf_counter() - started, _processor() - busy
    alone = _processor()
    bare = _bare(embedder)
    return Measured(
        sum(outcome.pages for outcome in outcomes),
        sum(outcome.chunks for outcome in outcomes),
        seconds,
        bare,
        processor,
        _processor() - alone,
        clock.seconds,
    )


def _size(path: Path) -> int:
    return path.stat().st_size


def _processor() -> float:
    """Seconds of processor time of this process and those that it started."""
    here = psutil.Process()
    each = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return float(sum(times.user + times.system for times in each))


def _bare(embedder: TimedEmbedder) -> float:
    """Seconds that the embedder alone takes for the same texts, in the same batches sorted by length."""
    texts = sorted(embedder.texts, key=len)
    started = time.perf_counter()
    for first in range(0, len(texts), BATCH):
        OnnxEmbedder.embed_passages(embedder, texts[first : first + BATCH])
    return time.perf_counter() - started


def _recipe(python: str, model: str, files: Sequence[Path]) -> dict[str, float]:
    script = Path(__file__).with_name("recipe.py")
    command = [python, str(script), "ingest", model, *map(str, files)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=13, help="how many of the filings")
    options.add_argument("--embedder", type=Path, help="folder with model.onnx and tokenizer.json")
    options.add_argument("--recipe", nargs=2, metavar=("PYTHON", "MODEL"), help="also run the recipe")
    chosen = options.parse_args()
    files = sorted((evaluation_set("financebench") / "pdfs").glob("*.pdf"), key=_size)[: chosen.files]
    with scratch_settings() as settings:
        model = chosen.embedder or settings.models_folder / settings.models.embedder
        ours = measure(settings, model, files)
    rows: list[tuple[object, ...]] = [
        (f"BasicChat, {model.name}", ours.pages, ours.passages, ours.seconds, ours.processor, *_rates(ours)),
    ]
    if chosen.recipe:
        python, weights = chosen.recipe
        recipe = _recipe(python, weights, files)
        pages, passages, seconds = recipe["pages"], recipe["passages"], recipe["seconds"]
        busy = recipe["processor"]
        found = (int(pages), int(passages), seconds, busy, pages / seconds, passages / seconds)
        rows.append(("LangChain recipe", *found, "", ""))
        rows.append(("ratio", "", "", seconds / ours.seconds, busy / ours.processor, "", "", "", ""))
        print_table("Seconds of the recipe", list(recipe), [list(recipe.values())])
    counted = ("pages", "passages", "seconds", "processor seconds", "pages/s", "passages/s")
    header = ("", *counted, "share of bare embedding", "share in processor time")
    print_table("Taking files in", header, rows)
    print_table("Seconds by stage, overlapping", list(ours.stages), [list(ours.stages.values())])


def _rates(run: Measured) -> tuple[float, float, float, float]:
    shares = run.bare / run.seconds, run.processor_bare / run.processor
    return run.pages / run.seconds, run.passages / run.seconds, *shares


if __name__ == "__main__":
    main()
