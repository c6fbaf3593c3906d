"""A small library in memory."""

from __future__ import annotations

import pytest

from basicchat.core.generations import Generation
from basicchat.core.types import Chunk, Document, Page
from basicchat.ingest.generations import Generations
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.testing.embedding import HashingEmbedder, OverlapReranker
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore

NOW = 1_700_000_000.0


class Shelf:
    """Documents in memory with their indexes; `retriever` searches them."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.embedder = HashingEmbedder()
        self.vectors = MemoryVectorIndex()
        self.lexical = MemoryLexicalIndex()
        self.reranker = OverlapReranker()

    def add(self, name: str, text: str, *, collection: str = "default") -> Document:
        """A document of one page; every paragraph becomes a chunk."""
        chunks, start = [], 0
        for ordinal, paragraph in enumerate(text.split("\n\n")):
            chunks.append(Chunk(f"{name}-{ordinal}", name, ordinal, 1, start, start + len(paragraph), paragraph))
            start += len(paragraph) + 2
        document = Document(name, collection, f"{name}.txt", name, "text/plain", name, 1, len(chunks), NOW)
        with self.store.begin() as unit:
            unit.documents.add(document, [Page(1, text)], chunks)
        self.vectors.add(collection, chunks, self.embedder.embed_passages([chunk.text for chunk in chunks]))
        self.lexical.add(collection, chunks)
        return document

    def retriever(self, **config: object) -> Retriever:
        """Searches this shelf, by default without a limit of time."""
        return Retriever(
            generations=Generations(Generation("first", self.embedder, self.vectors)),
            lexical=self.lexical,
            store=self.store,
            reranker=self.reranker,
            config=RetrieveConfig(**{"rerank_seconds": None} | config),  # type: ignore[arg-type]
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def towers() -> Shelf:
    shelf = Shelf()
    shelf.add(
        "rome",
        "The Colosseum stands in Rome. It was finished in 80 AD.\n\n"
        "It held 50,000 spectators.\n\nRome lies on the Tiber.",
    )
    shelf.add(
        "paris",
        "The Eiffel Tower stands in Paris. It is 330 metres tall.\n\nGustave Eiffel built it for the fair of 1889.",
    )
    return shelf
