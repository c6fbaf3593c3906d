"""Filling an index with what the store holds, while questions are answered from another one and documents come and go.

What is missing is found by comparing ids, so a build that was stopped anywhere goes on where it was. Vectors are kept
in the store as soon as they are there, so nothing is embedded twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from basicchat.core.errors import Conflict
from basicchat.core.generations import Generation
from basicchat.core.protocols import Store, Tell
from basicchat.core.types import Chunk, Document, Progress
from basicchat.ingest.embed import batches, embed_texts, passage_text
from basicchat.ingest.generations import Generations

PART = 500
"""Passages between two looks at what has changed meanwhile, and added while no other writer may."""

MOST_ROUNDS = 20
"""After so many rounds other writers wait for the last passages: somebody adds as fast as this builds."""

WAIT_SECONDS = 1.0
"""How long a batch waits for questions that are being searched for."""

Pair = tuple[Document, Chunk]


@dataclass(frozen=True)
class Build:
    """Fills the index of ``target``, which does not serve."""

    target: Generation
    store: Store
    generations: Generations
    batch_size: int

    def run(self, swap: Callable[[], None], *, tell: Tell) -> None:
        """Add what is missing until nothing is, then ``swap`` before anybody can change anything.

        What ``tell`` raises stops it between batches. Raises `Conflict` when something else was decided meanwhile.
        """
        missing = self._missing()
        for _ in range(MOST_ROUNDS):
            self._fill(missing, tell)
            with self.generations.changing():
                self._still_wanted()
                missing = self._missing()
                if not missing:
                    swap()
                    return
        with self.generations.changing():
            self._fill(self._missing(), tell)
            swap()

    def _missing(self) -> list[str]:
        """Ids of the chunks that the index lacks, those of a document together. What it has too much is discarded."""
        missing: list[str] = []
        with self.generations.changing():
            with self.store.begin() as unit:
                owners = {name: unit.documents.chunk_owners(name) for name in unit.documents.collections()}
            for collection, wanted in owners.items():
                held = self.target.vectors.ids(collection)
                self.target.vectors.discard(collection, sorted(held - wanted.keys()))
                missing += sorted(wanted.keys() - held, key=lambda chunk_id: (wanted[chunk_id], chunk_id))
        return missing

    def _fill(self, missing: Sequence[str], tell: Tell) -> None:
        with self.store.begin() as unit:
            total = sum(document.chunk_count for document in unit.documents.find())
        total = max(total, len(missing))
        done = total - len(missing)
        for part in batches(missing, PART):
            self._fill_part(part, partial(_say, tell, done, total))
            done += len(part)
        _say(tell, done, total, 0)

    def _fill_part(self, ids: Sequence[str], tell: Callable[[int], None]) -> None:
        pairs = self._pairs(ids)
        count = self.generations.counter(self.target)
        vectors = embed_texts(
            [passage_text(document, chunk, count=count) for document, chunk in pairs],
            embedder=self.target.embedder,
            store=self.store,
            batch_size=self.batch_size,
            tell=lambda done, _: self._give_way(lambda: tell(done)),
        )
        with self.generations.changing():
            self._still_wanted()
            now = {chunk.id: (document, chunk) for document, chunk in self._pairs(ids)}
            same = [place for place, pair in enumerate(pairs) if _alike(pair, now.get(pair[1].id))]
            for collection in {pairs[place][0].collection for place in same}:
                held = [place for place in same if pairs[place][0].collection == collection]
                self.target.vectors.add(
                    collection, [pairs[place][1] for place in held], [vectors[place] for place in held]
                )

    def _pairs(self, ids: Sequence[str]) -> list[Pair]:
        """The chunks that exist, with their documents."""
        with self.store.begin() as unit:
            chunks = unit.documents.chunks_by_id(ids)
            documents = unit.documents.many(list({chunk.document_id for chunk in chunks.values()}))
        found = (chunks[chunk_id] for chunk_id in ids if chunk_id in chunks)
        return [(documents[chunk.document_id], chunk) for chunk in found if chunk.document_id in documents]

    def _give_way(self, tell: Callable[[], None]) -> None:
        tell()
        self.generations.wait_for_readers(WAIT_SECONDS)

    def _still_wanted(self) -> None:
        if self.target not in self.generations.others:
            raise Conflict(
                f"The index {self.target.name} is not wanted any more.",
                hint="`basicchat library embedder` shows what is.",
            )


def _say(tell: Tell, before: int, total: int, made: int) -> None:
    tell(Progress("embedding", before + made, total, "passages"))


def _alike(before: Pair, now: Pair | None) -> bool:
    """Whether a passage still has the text that was embedded, and lies where it lay."""
    if now is None:
        return False
    (was, chunk), (document, same) = before, now
    return chunk == same and (was.collection, was.title) == (document.collection, document.title)
