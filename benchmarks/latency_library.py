"""A library of any size for the benchmark of latency, written through the product's own adapters.

Its first passages are real ones of the evaluation sets (SciFact, SQuAD 2.0, HotpotQA) with the vectors that the default
product gives them. All further ones are made of two of them: the first half of one text and the second half of the
other, and the sum of both vectors with noise, of length 1. So words are as common as in real texts, no two passages are
the same, and nothing more has to be embedded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.bootstrap.embedders import open_switch
from basicchat.core.protocols import Embedder, Vector
from basicchat.core.types import DEFAULT_COLLECTION, Chunk, Document, Page
from basicchat.evaluate.readers import read_set
from basicchat.ingest.embed import passage_text
from basicchat.ingest.identity import chunk_id, digest_of, document_id
from basicchat.ingest.switch import Switch
from basicchat.ingest.tokens import TokenCounter
from basicchat.settings import Settings
from benchmarks import retrieval
from benchmarks.table import evaluation_set

SETS = ("squad2", "hotpotqa", "scifact")
PASSAGES_A_DOCUMENT = 10
"""Each on a page of its own."""
NOISE = 0.5
"""Length of the noise added to the sum of two unit vectors."""
BATCH = 500
"""Documents written at once."""
BROAD, NARROW = "broad", "narrow"
"""Tags: of 30 % of the documents, spread evenly, and of five."""
NARROW_DOCUMENTS = 5


@dataclass(frozen=True)
class Base:
    """Real passages: their texts, and a float32 matrix with a unit vector a row."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class OpenLibrary:
    """The adapters over one home."""

    store: SqlStore
    lexical: SqliteFtsIndex
    switch: Switch

    def close(self) -> None:
        """Release the files."""
        self.switch.close()
        self.lexical.close()
        self.store.close()


def open_library(settings: Settings) -> OpenLibrary:
    """The library in the home of these settings, as the product opens it."""
    store = SqlStore(settings.home / "basicchat.sqlite")
    switch = open_switch(settings, store, batch_size=settings.ingest.batch_size)
    return OpenLibrary(store, SqliteFtsIndex(settings.home / "words.sqlite"), switch)


def questions() -> list[str]:
    """Real questions over the real passages, those of the sets by turns."""
    sets = (read_set(kind, evaluation_set(folder)) for kind, folder, _ in map(retrieval.SETS.__getitem__, SETS))
    turns = zip_longest(*(found.answerable().questions for found in sets))
    return list(dict.fromkeys(each.text for turn in turns for each in turn if each is not None))


def base_of(homes: Path) -> Base:
    """The real passages, of the libraries that ``python -m benchmarks.retrieval --homes`` makes, made if absent."""
    texts: list[str] = []
    vectors: list[Vector] = []
    for name in SETS:
        kind, folder, _ = retrieval.SETS[name]
        with retrieval.library(name, homes) as (settings, assistant):
            if not assistant.library.documents():
                retrieval.take_in(assistant, read_set(kind, evaluation_set(folder)))
        with closing(open_library(settings)) as library, library.switch.generations.serving() as generation:
            for text, vector in _embedded(library, generation.embedder):
                texts.append(text)
                vectors.append(vector)
    return Base(texts, np.asarray(vectors, dtype=np.float32))


def _embedded(library: OpenLibrary, embedder: Embedder) -> Iterator[tuple[str, Vector]]:
    """Every passage of a library and the vector that was kept of it."""
    count = TokenCounter(embedder.count_tokens)
    with library.store.begin() as unit:
        for document in unit.documents.find(DEFAULT_COLLECTION):
            chunks = unit.documents.chunks(document.id)
            digests = [digest_of(passage_text(document, chunk, count=count)) for chunk in chunks]
            kept = unit.documents.vectors(embedder.name, digests)
            yield from ((chunk.text, kept[each]) for chunk, each in zip(chunks, digests, strict=True))


def passages(base: Base, first: int, last: int) -> tuple[list[str], NDArray[np.float32]]:
    """Texts and vectors of the passages ``[first, last)``: always the same for the same number."""
    count = len(base.texts)
    texts, vectors = [], []
    for number in range(first, last):
        one, round_ = number % count, number // count
        if round_ == 0:
            texts.append(base.texts[one])
            vectors.append(base.vectors[one])
            continue
        chance = np.random.default_rng(number)
        other = int(chance.integers(count))
        left, right = base.texts[one].split(), base.texts[other].split()
        texts.append(" ".join((*left[: len(left) // 2], *right[len(right) // 2 :])))
        noise = np.asarray(chance.standard_normal(base.vectors.shape[1]), dtype=np.float32)
        mixed = base.vectors[one] + base.vectors[other] + NOISE * noise / np.linalg.norm(noise)
        vectors.append(mixed / np.linalg.norm(mixed))
    return texts, np.asarray(vectors, dtype=np.float32)


def grow(library: OpenLibrary, base: Base, chunks: int) -> None:
    """Bring the library to so many chunks; one that was interrupted goes on with the batch that was not finished."""
    wanted = chunks // PASSAGES_A_DOCUMENT
    with library.store.begin() as unit:
        there = unit.documents.count(DEFAULT_COLLECTION)
    for start in range(there, wanted, BATCH):
        _write(library, base, start, min(start + BATCH, wanted))
        print(f"\rwriting {min(start + BATCH, wanted) * PASSAGES_A_DOCUMENT:,} of {chunks:,}", end="", flush=True)
    if there < wanted:
        print()


def _write(library: OpenLibrary, base: Base, first: int, last: int) -> None:
    """The indexes first and the store last, as its count says what is whole."""
    texts, vectors = passages(base, first * PASSAGES_A_DOCUMENT, last * PASSAGES_A_DOCUMENT)
    written = list(_documents(texts, first))
    chunks = [chunk for _, _, found in written for chunk in found]
    with library.switch.generations.serving() as generation:
        generation.vectors.add(DEFAULT_COLLECTION, chunks, cast(Sequence[Vector], vectors))
    library.lexical.add(DEFAULT_COLLECTION, chunks)
    with library.store.begin() as unit:
        for document, pages, found in written:
            unit.documents.add(document, pages, found)
            unit.documents.set_tags(document.id, document.tags)
        unit.documents.mark_indexed([document.id for document, _, _ in written])


def _documents(texts: Sequence[str], first: int) -> Iterator[tuple[Document, list[Page], list[Chunk]]]:
    for place in range(0, len(texts), PASSAGES_A_DOCUMENT):
        number = first + place // PASSAGES_A_DOCUMENT
        own = texts[place : place + PASSAGES_A_DOCUMENT]
        digest = hashlib.sha256("\0".join((str(number), *own)).encode()).hexdigest()
        identity = document_id(DEFAULT_COLLECTION, digest)
        document = Document(
            id=identity,
            collection=DEFAULT_COLLECTION,
            source=f"file-{number:06}.txt",
            title=f"File {number}",
            media_type="text/plain",
            digest=digest,
            page_count=len(own),
            chunk_count=len(own),
            added_at=float(number),
            tags=_tags(number),
        )
        yield document, [Page(n, text) for n, text in enumerate(own, 1)], list(_chunks(identity, own))


def _chunks(document: str, texts: Sequence[str]) -> Iterator[Chunk]:
    for ordinal, text in enumerate(texts):
        identity = chunk_id(document, page=ordinal + 1, start=0, end=len(text), text=text)
        yield Chunk(identity, document, ordinal, ordinal + 1, 0, len(text), text)


def _tags(number: int) -> tuple[str, ...]:
    return (*([BROAD] if number % 10 < 3 else []), *([NARROW] if number < NARROW_DOCUMENTS else []))
