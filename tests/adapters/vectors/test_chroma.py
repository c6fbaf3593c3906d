from __future__ import annotations

import numpy as np
import pytest

from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.errors import StoreError
from basicchat.core.types import Scope
from basicchat.testing.contracts.vector_index import make_chunk, turned
from basicchat.testing.indexes import MemoryVectorIndex


def test_making_an_index_touches_nothing(tmp_path):
    index = ChromaIndex(tmp_path / "chroma")
    index.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="closed"):
        index.ids("default")


def test_an_index_is_there_after_closing(tmp_path):
    for number in (1, 2):
        index = ChromaIndex(tmp_path / "chroma")
        index.add("default", [make_chunk(number)], [turned(number)])
        index.close()
    index = ChromaIndex(tmp_path / "chroma")
    assert index.ids("default") == {"c0001", "c0002"}
    assert index.search(turned(2), scope=Scope(), top_k=1)[0][0] == "c0002"
    index.close()


def test_another_embedder_is_named_as_the_cause(tmp_path):
    index = ChromaIndex(tmp_path / "chroma")
    index.add("default", [make_chunk(1)], [turned(0)])
    with pytest.raises(StoreError, match="another embedder") as caught:
        index.search([1.0, 0.0], scope=Scope(), top_k=1)
    assert "doctor --repair" in caught.value.hint
    index.close()


def test_vectors_that_do_not_match_their_chunks_are_refused(tmp_path):
    index = ChromaIndex(tmp_path / "chroma")
    with pytest.raises(StoreError, match="2 passages came with vectors"):
        index.add("default", [make_chunk(1), make_chunk(2)], [turned(0)])
    with pytest.raises(StoreError):
        index.add("default", [make_chunk(1)], [[float("nan")] * 8])
    index.close()


def test_it_finds_what_exact_search_finds(tmp_path):
    chunks = [make_chunk(n) for n in range(6_000)]  # more than Chroma takes at once
    rows = np.random.default_rng(1).normal(size=(len(chunks), 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    exact, index = MemoryVectorIndex(), ChromaIndex(tmp_path / "chroma")
    for each in (exact, index):
        each.add("default", chunks, rows)
    shared = 0
    for query in rows[:50]:
        wanted, got = (each.search(query, scope=Scope(), top_k=10) for each in (exact, index))
        shared += len({chunk_id for chunk_id, _ in wanted} & {chunk_id for chunk_id, _ in got})
        assert got[0][0] == wanted[0][0]
    assert shared >= 0.98 * 500
    index.close()
