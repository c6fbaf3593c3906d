from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.filters import Filter
from basicchat.core.types import Chunk, Scope
from basicchat.retrieve import filter as filtering
from basicchat.retrieve.filter import narrowed, scope_of
from basicchat.testing.contracts.store_values import add, make_chunks, make_document
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore

CHUNKS = 400
WORDS = ("gearbox", "oil", "warranty", "clutch", "ferry", "bread", "krill", "invoice")
CHANCE = np.random.default_rng(7)
TEXTS = [" ".join(CHANCE.choice(WORDS, size=6)) for _ in range(CHUNKS)]
VECTORS = CHANCE.standard_normal((CHUNKS, 24)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
VECTORS[1::40] = VECTORS[0::40]  # some are equal, so that ties have to be settled
LIBRARY = [
    Chunk(f"c{n * 7919 % CHUNKS:03d}", f"d{n // 20:02d}", n % 20, 1 + n % 3, 0, len(text), text)
    for n, text in enumerate(TEXTS)
]
subsets = st.sets(st.sampled_from([chunk.id for chunk in LIBRARY]), max_size=120)
depths = st.integers(1, 60)


@pytest.fixture(scope="module", params=["memory", "chroma"])
def vectors(request, tmp_path_factory):
    index = ChromaIndex(tmp_path_factory.mktemp("chroma")) if request.param == "chroma" else MemoryVectorIndex()
    index.add("default", LIBRARY, VECTORS)
    yield index
    index.close()


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def lexical(request, tmp_path_factory):
    sqlite = request.param == "sqlite"
    index = SqliteFtsIndex(tmp_path_factory.mktemp("fts") / "words.db") if sqlite else MemoryLexicalIndex()
    index.add("default", LIBRARY)
    yield index
    if sqlite:
        index.close()


@settings(max_examples=60, deadline=None)
@given(chosen=subsets, seed=st.integers(0, 1_000), depth=depths)
def test_chosen_chunks_come_as_brute_force_orders_them(vectors, chosen, seed, depth):
    query = np.random.default_rng(seed).standard_normal(24).astype(np.float32)
    cosines = VECTORS @ (query / np.linalg.norm(query))
    wanted = {chunk.id: float(cosine) for chunk, cosine in zip(LIBRARY, cosines, strict=True) if chunk.id in chosen}
    found = vectors.search(query, scope=Scope(chunk_ids=tuple(chosen)), top_k=depth)
    best = sorted(wanted.values(), reverse=True)[:depth]
    assert [score for _, score in found] == pytest.approx(best, abs=1e-6)
    assert all(score == pytest.approx(wanted[chunk_id], abs=1e-6) for chunk_id, score in found)
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


@settings(max_examples=60, deadline=None)
@given(chosen=subsets, words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), depth=depths)
def test_chosen_chunks_come_as_a_search_of_all_orders_them(lexical, chosen, words, depth):
    text = " ".join(words)
    everywhere = lexical.search(text, scope=Scope(), top_k=CHUNKS)
    found = lexical.search(text, scope=Scope(chunk_ids=tuple(chosen)), top_k=depth)
    assert found == [pair for pair in everywhere if pair[0] in chosen][:depth]


@pytest.fixture
def store():
    """Three documents of two pages, two chunks a page."""
    store = MemoryStore()
    for number in range(3):
        add(store, replace(make_document(number, source=f"{number}.pdf", pages=2), tags=("odd",) if number % 2 else ()))
    return store


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(make_document(number).id for number in numbers)


def test_a_filter_becomes_documents(store):
    with store.begin() as unit:
        assert scope_of(Filter(tags=("odd",)), Scope(), unit) == Scope(document_ids=ids(1))
        assert scope_of(Filter(files=("?.pdf",)), Scope(), unit) == Scope()
        assert scope_of(Filter(), Scope(document_ids=ids(2)), unit) == Scope(document_ids=ids(2))
        chosen = Scope(document_ids=ids(0, 1))
        assert scope_of(Filter(files=("1.pdf", "2.pdf")), chosen, unit) == Scope(document_ids=ids(1))


def test_pages_become_chunks(store):
    chunks = [chunk for number in (0, 1, 2) for chunk in make_chunks(make_document(number, pages=2))]
    with store.begin() as unit:
        found = scope_of(Filter(pages=((2, 5),)), Scope(), unit)
        assert found.document_ids == ()
        assert set(found.chunk_ids) == {chunk.id for chunk in chunks if chunk.page == 2}
        assert scope_of(Filter(pages=((3, 5),)), Scope(), unit).chunk_ids == ()


def test_what_nothing_fits_has_no_chunks(store):
    with store.begin() as unit:
        assert scope_of(Filter(tags=("none",)), Scope(), unit).chunk_ids == ()
        assert scope_of(Filter(tags=("odd",)), Scope(document_ids=ids(0)), unit).chunk_ids == ()


def test_few_chunks_are_named_one_by_one(store, monkeypatch):
    with store.begin() as unit:
        few = narrowed(Scope(document_ids=ids(1)), unit)
        assert set(few.chunk_ids) == {chunk.id for chunk in make_chunks(make_document(1, pages=2))}
        assert narrowed(Scope(), unit) == Scope()
        assert narrowed(Scope(chunk_ids=("c",)), unit) == Scope(chunk_ids=("c",))
        monkeypatch.setattr(filtering, "NARROW", 3)
        assert narrowed(Scope(document_ids=ids(1)), unit) == Scope(document_ids=ids(1))
