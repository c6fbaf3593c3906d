"""The generations of an open library: the one that serves, and others that are kept or being built.

Every change of an index goes through here, so that a switch sees no half of it and no deletion ever comes back.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from basicchat.core.errors import StoreError
from basicchat.core.generations import Generation
from basicchat.core.protocols import Vector, VectorIndex
from basicchat.core.types import Chunk, Scope
from basicchat.ingest.tokens import TokenCounter

log = logging.getLogger(__name__)


class Generations:
    """Hands out the generation that serves, and orders those who change an index one behind the other.

    Reading never waits: not for a change, not for a switch.
    """

    def __init__(self, current: Generation, others: Sequence[Generation] = ()) -> None:
        self._current = current
        self._others = tuple(others)
        self._turn = threading.RLock()
        self._readers: Counter[str] = Counter()
        self._left = threading.Condition()
        self._counters: dict[str, TokenCounter] = {}

    @property
    def current(self) -> Generation:
        """The generation that serves now."""
        return self._current

    @property
    def others(self) -> tuple[Generation, ...]:
        """Generations that do not serve: one that is being built, one that served before."""
        return self._others

    @contextmanager
    def serving(self) -> Iterator[Generation]:
        """The generation that serves now. It is not dropped before the end of the block."""
        with self._left:
            generation = self._current
            self._readers[generation.name] += 1
        try:
            yield generation
        finally:
            with self._left:
                self._readers[generation.name] -= 1
                self._left.notify_all()

    @contextmanager
    def changing(self) -> Iterator[Generation]:
        """The generation that serves, for who changes an index: nobody else does and nothing is switched meanwhile."""
        with self._turn:
            yield self._current

    def put(self, current: Generation, others: Sequence[Generation] = ()) -> None:
        """Let another generation serve from now on. To be called by who is `changing`."""
        with self._turn, self._left:
            self._current = current
            self._others = tuple(others)

    def elsewhere(self, change: Callable[[VectorIndex], None]) -> None:
        """Make a change in the indexes that do not serve. One that fails is emptied: it is filled again when needed."""
        with self._turn:
            for generation in self._others:
                try:
                    change(generation.vectors)
                except StoreError as error:
                    log.warning("the index %s is emptied: %s", generation.name, error)
                    generation.vectors.reset()

    def wait_until_left(self, name: str) -> None:
        """Wait until nobody uses a generation that serves no more."""
        with self._left:
            self._left.wait_for(lambda: not self._readers[name])

    def wait_for_readers(self, seconds: float) -> None:
        """Wait until nobody searches, at most so long: background work lets questions go first."""
        with self._left:
            self._left.wait_for(lambda: not self._readers.total(), timeout=seconds)

    def counter(self, generation: Generation | None = None) -> TokenCounter:
        """Counts tokens as the embedder of a generation does, of the serving one unless told otherwise."""
        chosen = generation or self._current
        if chosen.name not in self._counters:
            self._counters[chosen.name] = TokenCounter(chosen.embedder.count_tokens)
        return self._counters[chosen.name]


class ServingVectors:
    """The index of whatever generation serves, as one index."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    def add(self, collection: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Add or replace, keyed by chunk id."""
        with self._generations.changing() as serving:
            serving.vectors.add(collection, chunks, vectors)

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents, in every generation."""
        with self._generations.changing() as serving:
            self._generations.elsewhere(lambda vectors: vectors.delete(collection, *document_ids))
            serving.vectors.delete(collection, *document_ids)

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id, in every generation."""
        with self._generations.changing() as serving:
            self._generations.elsewhere(lambda vectors: vectors.discard(collection, chunk_ids))
            serving.vectors.discard(collection, chunk_ids)

    def search(self, vector: Vector, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, cosine similarity), best first."""
        with self._generations.serving() as serving:
            return serving.vectors.search(vector, scope=scope, top_k=top_k)

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""
        with self._generations.serving() as serving:
            return serving.vectors.ids(collection)

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""
        with self._generations.serving() as serving:
            return serving.vectors.owners(collection)

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted."""
        with self._generations.serving() as serving:
            return serving.vectors.collections()

    def clear(self, collection: str) -> None:
        """Forget the whole collection in the generation that serves."""
        with self._generations.changing() as serving:
            serving.vectors.clear(collection)

    def reset(self) -> None:
        """Throw away everything the serving generation holds."""
        with self._generations.changing() as serving:
            serving.vectors.reset()

    def close(self) -> None:
        """Nothing to release: whoever opened the generations closes them."""
