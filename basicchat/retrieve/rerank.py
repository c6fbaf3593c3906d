"""A second opinion on the head of a ranking."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from basicchat.core.protocols import Reranker
from basicchat.core.types import Hit

READ_CHARACTERS = 1200  # some 300 tokens: a chunk with room to spare; more only costs time
UNREAD = 1.0
"""How far below the worst hit that was read one counts that was not, in logits."""


def rerank(
    query: str, hits: Sequence[Hit], reranker: Reranker, *, top: int, seconds: float | None, weight: float
) -> list[Hit]:
    """Let ``reranker`` look at the first ``top`` hits for at most ``seconds`` (None: as long as it takes).

    Its logits are added to the scores, ``weight`` times, and never put in their place: a cross-encoder misjudges right
    passages that share no words with the question. Hits it did not read count `UNREAD` less than the worst that it
    read. Every hit is kept once, best first, with its logit in ``scores["rerank"]``.
    """
    head = hits[:top]
    deadline = None if seconds is None else time.monotonic() + seconds
    texts = [hit.chunk.text[:READ_CHARACTERS] for hit in head]
    logits = reranker.score(query, texts, deadline=deadline) if head else []
    if not logits:
        return list(hits)
    least = min(logits) - UNREAD
    judged = []
    for place, hit in enumerate(hits):
        read = place < len(logits)
        scores = {**hit.scores, "rerank": logits[place]} if read else hit.scores
        judged.append(replace(hit, score=hit.score + weight * (logits[place] if read else least), scores=scores))
    return sorted(judged, key=lambda hit: (-hit.score, hit.chunk.id))
