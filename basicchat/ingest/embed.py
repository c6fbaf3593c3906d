"""Passages to vectors: each text embedded once, in full batches, kept in the store as soon as it is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from basicchat.core.protocols import Embedder, Store, Vector
from basicchat.core.types import Chunk, Document
from basicchat.ingest.identity import digest_of
from basicchat.ingest.tokens import TokenCounter

T = TypeVar("T")
R = TypeVar("R")

CONTEXT_TOKENS = 40
"""Tokens of the line above a passage that says where it stands."""
IN_FLIGHT = 2
"""Batches that are embedded at one time."""
SPECIAL_TOKENS = 2
"""Tokens that a model of this kind puts round a text; they count towards its limit."""


def context_of(document: Document, chunk: Chunk) -> tuple[str, ...]:
    """Where a passage stands, outermost first: the title, then the headings above it, each once.

    What the passage itself begins with is left out.
    """
    names = dict.fromkeys(name for name in (document.title, *chunk.heading) if name)
    start = chunk.text.lstrip("#= \n")
    return tuple(name for name in names if not start.startswith(name))


def passage_text(document: Document, chunk: Chunk, *, count: TokenCounter) -> str:
    """The text that is embedded for a passage: a line of context, cut to `CONTEXT_TOKENS`, above the passage.

    A passage that reads "it rose by 4 %" is found by what rose only through this line.
    """
    line = _shorten(" - ".join(context_of(document, chunk)), count)
    return f"{line}\n{chunk.text}" if line else chunk.text


def _shorten(line: str, count: TokenCounter) -> str:
    words = line.split()
    left, kept = CONTEXT_TOKENS, 0
    for tokens in count(words):
        left -= max(1, tokens)
        if left < 0:
            break
        kept += 1
    return " ".join(words[:kept])


def embed_texts(
    texts: Sequence[str],
    *,
    embedder: Embedder,
    store: Store,
    batch_size: int,
    tell: Callable[[int, int], None],
) -> list[Vector]:
    """One vector a text, in order; kept ones are taken from the store, new ones kept there batch by batch.

    ``tell(done, total)`` is called between batches, in texts, and may raise to stop: what was embedded stays kept.
    """
    digests = [digest_of(text) for text in texts]
    unique = dict(zip(digests, texts, strict=True))
    with store.begin() as unit:
        known = unit.documents.vectors(embedder.name, list(unique))
    vectors = dict(known)
    missing = [digest for digest in unique if digest not in known]
    tell(len(vectors), len(unique))

    def make(batch: Sequence[str]) -> dict[str, Vector]:
        made = dict(zip(batch, embedder.embed_passages([unique[digest] for digest in batch]), strict=True))
        with store.begin() as unit:
            unit.documents.keep_vectors(embedder.name, made)
        return made

    for made in _side_by_side(make, batches(sorted(missing, key=lambda digest: len(unique[digest])), batch_size)):
        vectors.update(made)
        tell(len(vectors), len(unique))
    return [vectors[digest] for digest in digests]


def _side_by_side(make: Callable[[Sequence[T]], R], wanted: Iterable[Sequence[T]]) -> Iterator[R]:
    """What ``make`` gives for each, in order, `IN_FLIGHT` at one time; what was begun ends when the caller stops.

    So no core waits for the last text of a batch, or while vectors are kept.
    """
    pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="embed")
    flying: deque[Future[R]] = deque()
    try:
        for batch in wanted:
            flying.append(pool.submit(make, batch))
            if len(flying) > IN_FLIGHT:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of ``size``, the last one shorter. Texts of like length share a batch, so little is padded."""
    return (items[start : start + size] for start in range(0, len(items), size))
