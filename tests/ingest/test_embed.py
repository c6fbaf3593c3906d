from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from basicchat.core.errors import Cancelled, StoreError
from basicchat.core.protocols import Vector
from basicchat.core.types import Chunk, Document
from basicchat.ingest.embed import CONTEXT_TOKENS, context_of, embed_texts, passage_text
from basicchat.ingest.tokens import TokenCounter
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.store import MemoryStore

DOCUMENT = Document("d", "default", "a.txt", "Report", "text/plain", "0", 1, 1, 0.0)
CHUNK = Chunk("c", "d", 0, 1, 0, 4, "It rose by 4 %.", ("Part I", "Sales"))
COUNT = TokenCounter(lambda texts: [len(text.split()) for text in texts])


class RecordingEmbedder(HashingEmbedder):
    """Remembers every text; its call number ``failing`` fails."""

    def __init__(self, *, dimension: int, failing: int = 0) -> None:
        super().__init__(dimension=dimension)
        self.texts: list[str] = []
        self._calls = count(1)
        self._failing = failing

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        if next(self._calls) == self._failing:
            raise StoreError("It is out of order.")
        self.texts += texts
        return super().embed_passages(texts)


def test_the_line_above_says_where_the_passage_stands() -> None:
    assert passage_text(DOCUMENT, CHUNK, count=COUNT) == "Report - Part I - Sales\nIt rose by 4 %."


def test_nothing_is_said_twice() -> None:
    assert context_of(DOCUMENT, replace(CHUNK, heading=("Report", "Sales"))) == ("Report", "Sales")
    assert context_of(DOCUMENT, replace(CHUNK, text="## Sales\nIt rose.")) == ("Report", "Part I")
    bare = replace(DOCUMENT, title="")
    assert passage_text(bare, replace(CHUNK, heading=()), count=COUNT) == CHUNK.text


def test_a_long_line_is_cut() -> None:
    long = replace(DOCUMENT, title="word " * 500)
    line, _, text = passage_text(long, CHUNK, count=COUNT).partition("\n")
    assert COUNT([line]) == [CONTEXT_TOKENS]
    assert text == CHUNK.text


def test_stopping_keeps_what_was_embedded() -> None:
    store, embedder = MemoryStore(), RecordingEmbedder(dimension=16)
    texts = [f"text number {number}" for number in range(20)]

    def stop(done: int, total: int) -> None:
        assert total == len(texts)
        if done >= 4:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        embed_texts(texts, embedder=embedder, store=store, batch_size=2, tell=stop)
    told: list[int] = []
    embed_texts(texts, embedder=embedder, store=store, batch_size=2, tell=lambda done, _: told.append(done))
    assert 4 <= told[0] < len(texts)
    assert sorted(embedder.texts) == sorted(texts), "each was embedded once"


@pytest.mark.parametrize("failing", [1, 3])
def test_an_embedder_that_fails_says_so_and_what_it_made_before_stays(failing: int) -> None:
    store, embedder = MemoryStore(), RecordingEmbedder(dimension=16, failing=failing)
    texts = [f"text {number:02}" for number in range(10)]
    with pytest.raises(StoreError, match="out of order"):
        embed_texts(texts, embedder=embedder, store=store, batch_size=2, tell=lambda *_: None)
    with store.begin() as unit:
        assert len(unit.documents.kept(embedder.name)) >= 2 * (failing - 1)


def test_order_and_repeats() -> None:
    store, embedder = MemoryStore(), HashingEmbedder(dimension=16)
    texts = ["one long text of words", "two", "one long text of words", "three"]
    vectors = embed_texts(texts, embedder=embedder, store=store, batch_size=2, tell=lambda *_: None)
    expected = embedder.embed_passages(texts)
    assert [list(vector) for vector in vectors] == [list(vector) for vector in expected]
