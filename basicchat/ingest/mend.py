"""Putting right what the doctor finds: in the indexes, the tables, the kept vectors and the kept files."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from basicchat.core.protocols import Documents, Store, VectorIndex, silent
from basicchat.core.types import Chunk, Document, Page, Scope
from basicchat.ingest.edits import carry_edits
from basicchat.ingest.embed import batches, passage_text
from basicchat.ingest.files import Originals
from basicchat.ingest.identity import digest_of, file_digest
from basicchat.ingest.index import Projections
from basicchat.ingest.prepare import Prepared
from basicchat.ingest.remove import sweep_removals

DOCUMENTS = 64
"""Documents whose passages are in memory at once."""

NEIGHBOURS = 100
"""Passages asked for to see whether an index has what it says."""


@dataclass(frozen=True, slots=True)
class VectorSurvey:
    """What is kept of the embedder that serves.

    ``incomplete`` are documents with passages of which no vector is kept, ``unused`` digests that no passage has,
    ``unused_bytes`` what these take.
    """

    incomplete: tuple[str, ...]
    unused: frozenset[str]
    unused_bytes: int


@dataclass(frozen=True)
class Mender:
    """What may be done where the library does not agree with itself. ``turn`` is held by who takes a file in."""

    store: Store
    projections: Projections
    originals: Originals
    cut: Callable[[str, Sequence[Page]], Sequence[Chunk]]
    turn: threading.Lock

    def sweep(self) -> int:
        """Finish removals; how many are left because something still fails."""
        with self.turn:
            return sweep_removals(store=self.store, projections=self.projections, originals=self.originals)

    def complete(self, document_ids: Sequence[str]) -> None:
        """Put whole documents into every index, again where they are there already. Unknown ones are left out."""
        with self.turn:
            self._complete(document_ids)

    def restore(self, missing: Mapping[str, Sequence[str]]) -> None:
        """Put single passages back into the indexes: ids of chunks by the id of their document."""
        with self.turn:
            for part in batches(list(missing), DOCUMENTS):
                with self.store.begin() as unit:
                    documents = unit.documents.many(part)
                    chunks = unit.documents.chunks_by_id([each for identity in part for each in missing[identity]])
                held: dict[str, list[Chunk]] = defaultdict(list)
                for chunk in chunks.values():
                    held[chunk.document_id].append(chunk)
                pairs = [(document, held[document.id]) for document in documents.values() if held[document.id]]
                if pairs:
                    self.projections.project(pairs, tell=silent)

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Take passages out of every index, but for those that the store holds."""
        with self.turn:
            with self.store.begin() as unit:
                held = unit.documents.chunks_by_id(chunk_ids)
            gone = [identity for identity in chunk_ids if identity not in held]
            with self.projections.generations.changing() as serving:
                self.projections.generations.elsewhere(partial(_discard, collection, gone))
                serving.vectors.discard(collection, gone)
            self.projections.lexical.discard(collection, gone)

    def recut(self, document_ids: Sequence[str]) -> None:
        """Cut documents into passages again, from the pages that the store holds. Those that lost pages stay."""
        with self.turn:
            with self.store.begin() as unit:
                documents = unit.documents.many(document_ids)
                mended = [each.id for each in documents.values() if _recut(unit.documents, each, self.cut)]
            sweep_removals(store=self.store, projections=self.projections, originals=self.originals)
            self._complete(mended)

    def mend_tables(self, missing: Sequence[str], orphans: Sequence[str]) -> None:
        """Put the tables of documents back where they are asked, and take out those that no document has."""
        tables = self.projections.tables
        if tables is None:
            return
        with self.turn:
            for identity in orphans:
                tables.delete(identity)
            for identity in missing:
                with self.store.begin() as unit:
                    document, held = unit.documents.get(identity), unit.documents.tables(identity)
                if document is not None and held:
                    tables.add(document, held)

    def survey(self) -> VectorSurvey:
        """What is kept of the embedder that serves, held against what its passages need."""
        generation = self.projections.generations.current
        count = self.projections.generations.counter(generation)
        with self.store.begin() as unit:
            kept = unit.documents.kept(generation.embedder.name)
            used: set[str] = set()
            incomplete = []
            for document in unit.documents.find():
                chunks = unit.documents.chunks(document.id)
                digests = {digest_of(passage_text(document, chunk, count=count)) for chunk in chunks}
                if document.indexed and not digests <= kept:
                    incomplete.append(document.id)
                used |= digests
        unused = frozenset(kept - used)
        return VectorSurvey(tuple(incomplete), unused, len(unused) * generation.embedder.dimension * 4)

    def forget_unused(self) -> None:
        """Forget kept vectors of the embedder that serves which no passage has."""
        with self.turn:
            unused = self.survey().unused
            embedder = self.projections.generations.current.embedder.name
            with self.store.begin() as unit:
                unit.documents.forget_vectors(embedder, sorted(unused))

    def probe(self, collection: str) -> None:
        """Search by meaning once. Raises `StoreError` where the index has lost what it says it holds."""
        with self.projections.generations.serving() as serving:
            vector = [1.0, *[0.0] * (serving.embedder.dimension - 1)]
            serving.vectors.search(vector, scope=Scope(collection), top_k=NEIGHBOURS)

    def keep_again(self, documents: Sequence[Document]) -> None:
        """Copy originals anew from where they were taken in, where the same bytes are still there."""
        with self.turn:
            for document in documents:
                with self.store.begin() as unit:
                    sources = unit.documents.sources_of(document.id)
                for path in map(Path, sources):
                    if path.is_file() and file_digest(path) == document.digest:
                        self.originals.remove(str(document.stored_as))
                        self.originals.keep(path, digest=document.digest, media_type=document.media_type)
                        break

    def _complete(self, document_ids: Sequence[str]) -> None:
        for part in batches(document_ids, DOCUMENTS):
            with self.store.begin() as unit:
                documents = unit.documents.many(part)
                pairs = [(document, unit.documents.chunks(document.id)) for document in documents.values()]
            self.projections.project(pairs, tell=silent)


def _discard(collection: str, chunk_ids: Sequence[str], vectors: VectorIndex) -> None:
    vectors.discard(collection, chunk_ids)


def _recut(documents: Documents, document: Document, cut: Callable[[str, Sequence[Page]], Sequence[Chunk]]) -> bool:
    """Replace the passages of a document by new ones. False where pages are missing or hold nothing to cut."""
    pages = documents.pages(document.id)
    chunks = cut(document.id, pages)
    if len(pages) != document.page_count or not chunks:
        return False
    sources = {source: documents.sources(document.collection, source) for source in documents.sources_of(document.id)}
    tables = documents.tables(document.id)
    whole = replace(document, chunk_count=len(chunks), indexed=False)
    edits = carry_edits(documents, [Prepared(replace(whole, id=""), pages, chunks)])
    documents.remove(document.id)
    documents.add(whole, pages, chunks, tables)
    for source, ids in sources.items():
        documents.link_source(document.collection, source, ids)
    for chunk, version in edits.items():
        documents.edit_chunk(chunk, version.text, at=version.edited_at)
    return True
