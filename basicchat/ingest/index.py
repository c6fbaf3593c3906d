"""The projections: what Chroma and the full-text index hold of the store, and how it gets there.

The order makes every crash harmless. The store has the document, marked as not indexed; then its vectors; then both
projections; then the mark. Whatever is missing, doing it again completes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from basicchat.core.generations import Generation
from basicchat.core.protocols import Cache, LexicalIndex, Store, TableIndex, Tell, Vector, VectorIndex
from basicchat.core.types import Chunk, Document, Progress
from basicchat.ingest.edits import carry_edits, with_edit
from basicchat.ingest.embed import batches, context_of, embed_texts, passage_text
from basicchat.ingest.generations import Generations
from basicchat.ingest.prepare import Prepared

PART = 2_000
"""Passages put into the projections at once: bounds the memory for vectors, and the wait of who wants to stop."""


@dataclass(frozen=True)
class Projections:
    """Every index of the library, the store they project, what makes vectors, and answers kept for a while."""

    store: Store
    generations: Generations
    lexical: LexicalIndex
    batch_size: int
    tables: TableIndex | None = None
    answers: Cache | None = None

    def write(self, items: Sequence[Prepared], *, tell: Tell) -> None:
        """Add documents to the store, then to the projections. Those that are there stay as they are.

        What was corrected in an older version of the same source is corrected in the new one too.
        """
        with self.store.begin() as unit:
            edits = carry_edits(unit.documents, items)
            for item in items:
                unit.documents.add(item.document, item.pages, item.chunks, item.tables)
            for chunk_id, version in edits.items():
                unit.documents.edit_chunk(chunk_id, version.text, at=version.edited_at)
        texts = {chunk_id: version.text for chunk_id, version in edits.items()}
        pairs = [(item.document, [with_edit(chunk, texts) for chunk in item.chunks]) for item in items]
        self._project(pairs, new=True, tell=tell)

    def project(self, items: Sequence[tuple[Document, Sequence[Chunk]]], *, tell: Tell) -> None:
        """Put documents that the store holds into the projections, embedding only what was never embedded.

        Vectors go to the generation that serves. Others forget the documents first, as their text may have changed;
        they get them again before they serve. What ``tell`` raises stops it between batches.
        """
        self._project(items, new=False, tell=tell)

    def _project(self, items: Sequence[tuple[Document, Sequence[Chunk]]], *, new: bool, tell: Tell) -> None:
        """Nothing else holds a text of documents that are ``new``."""
        pairs = [(document, chunk) for document, chunks in items for chunk in chunks]
        done = 0
        for part in batches(pairs, PART):
            self._project_part(part, new=new, before=done, total=len(pairs), tell=tell)
            done += len(part)
        self._project_tables([document for document, _ in items])
        with self.store.begin() as unit:
            unit.documents.mark_indexed([document.id for document, _ in items])

    def forget(self, documents: Sequence[Document]) -> None:
        """Take documents out of the projections. The store remembers first that they are no longer there."""
        with self.store.begin() as unit:
            unit.documents.mark_indexed([document.id for document in documents], indexed=False)
        for document in documents:
            with self.generations.changing() as serving:
                self._forget_elsewhere([document])
                serving.vectors.delete(document.collection, document.id)
            self.lexical.delete(document.collection, document.id)
            if self.tables is not None:
                self.tables.delete(document.id)

    def discard_strays(self, collection: str) -> None:
        """Take out of both indexes what the store does not hold. What it holds stays searchable meanwhile."""
        with self.generations.changing() as serving:
            held, words = serving.vectors.ids(collection), self.lexical.ids(collection)
            with self.store.begin() as unit:
                wanted = unit.documents.chunk_ids(collection)
            serving.vectors.discard(collection, sorted(held - wanted))
            self.lexical.discard(collection, sorted(words - wanted))

    def _project_tables(self, documents: Sequence[Document]) -> None:
        if self.tables is None:
            return
        for document in documents:
            with self.store.begin() as unit:
                tables = unit.documents.tables(document.id)
            if tables:
                self.tables.add(document, tables)

    def _project_part(
        self, part: Sequence[tuple[Document, Chunk]], *, new: bool, before: int, total: int, tell: Tell
    ) -> None:
        generation = None
        while generation is not self.generations.current:  # a switch in between: these vectors would be the wrong ones
            generation = self.generations.current
            vectors = self._embedded(part, generation, lambda done: tell(_embedding(before + done, total)))
            tell(Progress("writing", before, total, "passages"))
            with self.generations.changing() as serving:
                if serving is generation:
                    self._forget_elsewhere([] if new else [document for document, _ in part])
                    self._add(part, vectors, generation)
        for collection, places in _by_collection(part).items():
            self.lexical.add(collection, [_in_context(*part[place]) for place in places])

    def _embedded(
        self, part: Sequence[tuple[Document, Chunk]], generation: Generation, tell: Callable[[int], None]
    ) -> list[Vector]:
        count = self.generations.counter(generation)
        return embed_texts(
            [passage_text(document, chunk, count=count) for document, chunk in part],
            embedder=generation.embedder,
            store=self.store,
            batch_size=self.batch_size,
            tell=lambda done, _: tell(done),
        )

    def _add(self, part: Sequence[tuple[Document, Chunk]], vectors: Sequence[Vector], serving: Generation) -> None:
        for collection, places in _by_collection(part).items():
            serving.vectors.add(collection, [part[place][1] for place in places], [vectors[place] for place in places])

    def _forget_elsewhere(self, documents: Sequence[Document]) -> None:
        for place in dict.fromkeys((document.collection, document.id) for document in documents):
            self.generations.elsewhere(partial(_delete, place))


def _delete(place: tuple[str, str], vectors: VectorIndex) -> None:
    vectors.delete(*place)


def _embedding(done: int, total: int) -> Progress:
    return Progress("embedding", done, total, "passages")


def _by_collection(part: Sequence[tuple[Document, Chunk]]) -> dict[str, list[int]]:
    """Places in ``part`` by the collection of their document."""
    places = defaultdict(list)
    for place, (document, _) in enumerate(part):
        places[document.collection].append(place)
    return places


def _in_context(document: Document, chunk: Chunk) -> Chunk:
    """The chunk as the full-text index should see it: the document's title stands among its headings."""
    return replace(chunk, heading=context_of(document, chunk))
