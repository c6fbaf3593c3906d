"""Asking both indexes at once: by meaning (dense) and by words (lexical)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from basicchat.core.errors import BasicChatError
from basicchat.core.generations import Generation
from basicchat.core.protocols import LexicalIndex
from basicchat.core.types import Scope

Ranking = list[tuple[str, float]]
"""(chunk id, score) pairs, best first."""


@dataclass(frozen=True)
class Found:
    """What the two indexes gave. ``seconds`` maps ``dense`` and ``lexical`` to their own time."""

    dense: Ranking
    lexical: Ranking
    seconds: dict[str, float]
    warnings: tuple[str, ...] = ()


def search_both(text: str, *, scope: Scope, depth: int, generation: Generation, lexical: LexicalIndex) -> Found:
    """Rank at most ``depth`` chunks by meaning and ``depth`` by words, in two threads.

    When one side fails the other one answers alone and a warning says so. When both fail, the error of the
    search by meaning is raised.
    """
    embedder, vectors = generation.embedder, generation.vectors
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="search") as pool:
        by_meaning = pool.submit(_timed, lambda: vectors.search(embedder.embed_query(text), scope=scope, top_k=depth))
        by_words = pool.submit(_timed, lambda: lexical.search(text, scope=scope, top_k=depth))
    dense, dense_error = _outcome(by_meaning)
    words, words_error = _outcome(by_words)
    if dense_error and words_error:
        raise dense_error
    warnings = []
    if dense_error:
        warnings.append(f"Searching by meaning failed, so only words were searched: {dense_error}")
    if words_error:
        warnings.append(f"Searching by words failed, so only meaning was searched: {words_error}")
    return Found(dense[0], words[0], {"dense": dense[1], "lexical": words[1]}, tuple(warnings))


def _timed(call: Callable[[], Ranking]) -> tuple[Ranking, float]:
    started = time.perf_counter()
    return call(), time.perf_counter() - started


def _outcome(future: Future[tuple[Ranking, float]]) -> tuple[tuple[Ranking, float], BasicChatError | None]:
    try:
        return future.result(), None
    except BasicChatError as error:
        return ([], 0.0), error
