from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from basicchat.core.errors import StoreError
from basicchat.core.generations import Generation
from basicchat.core.types import FileOutcome, Scope
from basicchat.ingest.chunk import NATURAL
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.loading import TextLoader
from basicchat.testing.store import MemoryStore


class CountingEmbedder(HashingEmbedder):
    """Remembers the texts it embedded, batch by batch."""

    def __init__(self) -> None:
        super().__init__(dimension=32)
        self.batches: list[list[str]] = []

    def embed_passages(self, texts):
        self.batches.append(list(texts))
        return super().embed_passages(texts)


class FragileLexicalIndex(MemoryLexicalIndex):
    """Fails while ``broken``."""

    broken = False

    def add(self, collection, chunks) -> None:
        if self.broken:
            raise StoreError("The disk is full.")
        super().add(collection, chunks)


class Bench:
    """An ingestor over fakes, and questions about what it did."""

    def __init__(self, folder: Path, loaders=None, splitter=NATURAL, **config) -> None:
        self.folder = folder / "in"
        self.folder.mkdir()
        self.files = folder / "files"
        self.store = MemoryStore()
        self.embedder = CountingEmbedder()
        self.vectors = MemoryVectorIndex()
        self.lexical = FragileLexicalIndex()
        self.generations = Generations(Generation("first", self.embedder, self.vectors))
        self.ingestor = Ingestor(
            loaders=loaders or [TextLoader()],
            generations=self.generations,
            store=self.store,
            lexical=self.lexical,
            files=self.files,
            config=IngestConfig(**config),
            splitter=splitter,
        )

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def ingest(self, *paths: Path, **options) -> list[FileOutcome]:
        return list(self.ingestor.ingest(paths or [self.folder], **options))

    def documents(self, collection: str | None = None):
        with self.store.begin() as unit:
            return unit.documents.find(collection)

    def found(self, text: str, collection: str = "default") -> set[str]:
        """Titles of the documents that the full-text index finds."""
        hits = self.lexical.search(text, scope=Scope(collection), top_k=50)
        with self.store.begin() as unit:
            chunks = unit.documents.chunks_by_id([identity for identity, _ in hits])
            documents = unit.documents.many([chunk.document_id for chunk in chunks.values()])
        assert len(chunks) == len(hits), "the index holds passages that the store does not"
        return {document.title for document in documents.values()}

    def assert_consistent(self) -> None:
        """Every document is indexed, and both projections hold exactly the passages of the store."""
        with self.store.begin() as unit:
            assert unit.documents.unindexed() == []
            for collection in {*unit.documents.collections(), "default"}:
                ids = unit.documents.chunk_ids(collection)
                assert self.vectors.ids(collection) == ids
                assert self.lexical.ids(collection) == ids


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def make_bench(tmp_path: Path) -> Callable[..., Bench]:
    return lambda **options: Bench(tmp_path, **options)
