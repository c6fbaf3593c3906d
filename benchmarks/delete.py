"""How long it takes to remove a document of many passages from the real store and indexes, and to look all over.

The library holds two such documents and a file of small records. Vectors come from hashed words: what is measured is
the store, Chroma, FTS5 and the doctor, not an embedder.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.generations import Generation
from basicchat.core.types import Check
from basicchat.ingest.generations import Generations, ServingVectors
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.service.agreement import agreements
from basicchat.service.curation import Curation
from basicchat.service.doctor import Doctor
from basicchat.service.originals import KeptOriginals
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.loading import TextLoader
from benchmarks.table import print_table

RECORDS = 1_000
WORDS = [f"word{number}" for number in range(5_000)]


@dataclass(frozen=True)
class Parts:
    """An open library and what to measure on it."""

    store: SqlStore
    ingestor: Ingestor
    curation: Curation
    doctor: Doctor
    vectors: ServingVectors
    lexical: SqliteFtsIndex


@contextmanager
def library(home: Path) -> Iterator[Parts]:
    """The real store and indexes in a folder."""
    with ExitStack() as closing:
        store = SqlStore(home / "library.sqlite")
        closing.callback(store.close)
        chroma, lexical = ChromaIndex(home / "vectors"), SqliteFtsIndex(home / "words.sqlite")
        closing.callback(chroma.close)
        closing.callback(lexical.close)
        generations = Generations(Generation("hashed", HashingEmbedder(dimension=384), chroma))
        ingestor = Ingestor(
            loaders=[TextLoader(), RecordLoader()],
            generations=generations,
            store=store,
            lexical=lexical,
            files=home / "files",
            config=IngestConfig(chunk_tokens=120, chunk_overlap=0),
        )
        closing.callback(ingestor.close)
        vectors = ServingVectors(generations)
        matters = agreements(store=store, vectors=vectors, lexical=lexical, tables=None, care=ingestor.mender)
        originals = KeptOriginals(store, home / "files", ingestor.mender)
        doctor = Doctor(home=home, store=store, matters=[*matters, originals])
        curation = Curation(store=store, care=ingestor.care)
        yield Parts(store, ingestor, curation, doctor, vectors, lexical)


def write_text(path: Path, passages: int) -> None:
    """A text that is cut into about so many passages."""
    chance = random.Random(path.name)  # noqa: S311 - words of no meaning, the same each time
    paragraphs = (" ".join(chance.choices(WORDS, k=100)) + "." for _ in range(passages))
    path.write_text("\n\n".join(paragraphs), encoding="utf-8")


def write_records(path: Path) -> None:
    """A file of small records."""
    lines = (json.dumps({"_id": f"r{number}", "text": f"record {number}"}) for number in range(RECORDS))
    path.write_text("\n".join(lines), encoding="utf-8")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bad(checks: list[Check]) -> str:
    """What the doctor found."""
    return ", ".join(check.name for check in checks if not check.ok) or "nothing"


def measure(home: Path, passages: int) -> list[tuple[str, float, str]]:
    """What was done, seconds, and what was left of it."""
    rows: list[tuple[str, float, str]] = []
    inputs = home / "in"
    inputs.mkdir(parents=True)
    for name in ("stays.txt", "goes.txt"):
        write_text(inputs / name, passages)
    write_records(inputs / "records.jsonl")
    with library(home) as parts:
        took = seconds(lambda: list(parts.ingestor.ingest([inputs])))
        with parts.store.begin() as unit:
            documents = {document.title: document for document in unit.documents.find()}
            total = len(unit.documents.chunk_ids("default"))
        rows.append(("take in", took, f"{total} passages"))
        goes, stays = documents["goes"], documents["stays"]
        rows.append(("doctor", seconds(parts.doctor.examine), bad(parts.doctor.examine())))
        took = seconds(lambda: parts.curation.remove([goes.id]))
        left = set(parts.vectors.owners("default").values()) | set(parts.lexical.owners("default").values())
        rows.append((f"remove {goes.chunk_count} passages", took, f"{int(goes.id in left)} left over"))
        records = [document.id for document in documents.values() if document.external_id]
        took = seconds(lambda: parts.curation.remove(records))
        rows.append((f"remove {len(records)} records", took, bad(parts.doctor.examine())))
        rows.append(("doctor --repair, forgets vectors", seconds(lambda: parts.doctor.examine(repair=True)), "nothing"))
        with parts.store.begin() as unit:
            first = unit.documents.chunks(stays.id)[0]
        took = seconds(lambda: parts.curation.edit_chunk(first.id, "A corrected passage."))
        rows.append(("correct a passage", took, "1 text embedded"))
        rows.append(
            (f"move {stays.chunk_count} passages", seconds(lambda: parts.curation.move([stays.id], "other")), "")
        )
        rows.append(("doctor", seconds(parts.doctor.examine), bad(parts.doctor.examine())))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000, help="how many the documents have")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        rows = measure(Path(folder) / "home", given.passages)
    print_table("Removing and looking all over", ("what", "seconds", "what was found"), rows)


if __name__ == "__main__":
    main()
