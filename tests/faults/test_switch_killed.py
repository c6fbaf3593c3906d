"""A process that is killed while it switches embedders loses nothing, and embeds nothing twice that it had kept."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.protocols import silent
from basicchat.core.types import Chunk, Document, Page, Query
from basicchat.ingest.identity import digest_of
from basicchat.ingest.index import Projections
from basicchat.ingest.prepare import Prepared
from basicchat.ingest.standing import Kept
from basicchat.ingest.switch import Switch
from basicchat.retrieve.blend import Weights
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex

DOCUMENTS, PASSAGES, BATCH = 30, 10, 4

SWITCH = """
import sys, time
from pathlib import Path
from basicchat.core.protocols import silent
from tests.faults.test_switch_killed import opened

class Telling:
    def __init__(self, embedder):
        self.embedder = embedder
    def __getattr__(self, name):
        return getattr(self.embedder, name)
    def embed_passages(self, texts):
        time.sleep(0.005)
        print(len(texts), flush=True)
        return self.embedder.embed_passages(texts)

store, switch = opened(Path(sys.argv[1]), Telling)
switch.carry_out(switch.planned("64"), silent)
print("switched", flush=True)
switch.close()
store.close()
"""


class Counting(HashingEmbedder):
    """Remembers what it embedded."""

    texts: list[str]

    def embed_passages(self, texts):
        self.texts = [*getattr(self, "texts", []), *texts]
        return super().embed_passages(texts)


def opened(home: Path, wrap=lambda embedder: embedder) -> tuple[SqlStore, Switch]:
    """The library as a process opens it."""
    store = SqlStore(home / "library.db")
    switch = Switch(
        store=store,
        open_index=lambda name: ChromaIndex(home / "vectors" / name),
        make_embedder=lambda name: wrap(Counting(dimension=int(name))),
        first=Kept("first", "256"),
        configured="256",
        batch_size=BATCH,
    )
    return store, switch


def text(number: int, ordinal: int) -> str:
    chosen = random.Random(number * PASSAGES + ordinal)  # noqa: S311
    return " ".join(f"word{chosen.randrange(2000)}" for _ in range(12))


def fill(home: Path) -> None:
    store, switch = opened(home)
    items = []
    for number in range(DOCUMENTS):
        texts = [text(number, ordinal) for ordinal in range(PASSAGES)]
        chunks = [
            Chunk(f"d{number:03d}-{ordinal}", f"d{number:03d}", ordinal, 1, 0, len(each), each)
            for ordinal, each in enumerate(texts)
        ]
        document = Document(
            f"d{number:03d}", "default", f"{number}.txt", "", "text/plain", f"{number}", 1, PASSAGES, float(number)
        )
        items.append(Prepared(document, [Page(1, "\n".join(texts))], chunks))
    Projections(store, switch.generations, MemoryLexicalIndex(), BATCH).write(items, tell=silent)
    switch.close()
    store.close()


def run_and_kill(home: Path, after: int) -> None:
    """Switch in a process of its own and kill it after so many batches."""
    command = [sys.executable, "-c", SWITCH, str(home)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        for _ in range(after):
            if process.stdout.readline() in ("", "switched\n"):
                break
        process.kill()
        process.stdout.read()


@pytest.mark.parametrize("seed", range(3))
def test_killed_while_switching(tmp_path: Path, seed: int) -> None:
    fill(tmp_path)
    chosen = random.Random(seed)  # noqa: S311
    for _ in range(2):
        run_and_kill(tmp_path, chosen.randrange(2, 50))
    store, switch = opened(tmp_path)
    with store.begin() as unit:
        kept = unit.documents.kept("hashing-64@1")
        wanted = unit.documents.chunk_ids("default")
    assert store.check() == []
    switch.carry_out(switch.planned("64"), silent)
    current = switch.generations.current
    again = [digest_of(each) for each in getattr(current.embedder, "texts", [])]
    assert kept
    assert kept.isdisjoint(again)
    assert len(again) == DOCUMENTS * PASSAGES - len(kept)
    assert current.embedder.dimension == 64
    assert current.vectors.ids("default") == wanted
    retriever = Retriever(
        generations=switch.generations,
        lexical=MemoryLexicalIndex(),
        store=store,
        reranker=None,
        config=RetrieveConfig(weights=Weights(name=0.0)),
    )
    for number in range(0, DOCUMENTS, 7):
        (hit,) = retriever.search(Query(text(number, 3), top_k=1)).hits
        assert hit.chunk.id == f"d{number:03d}-3"
    switch.close()
    store.close()
