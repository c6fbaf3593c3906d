"""Searching with several texts as if they were one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from basicchat.retrieve.fuse import reciprocal_rank_fusion
from basicchat.retrieve.pipeline import Retrieval

FUSION_K = 20
"""Constant of the fusion: the first places of a few searches count more than with the usual 60."""


def search_together(search: Callable[[str], Retrieval], texts: Sequence[str]) -> Retrieval:
    """Search with each of ``texts`` and join what they found, see `joined`. One text is searched as it is."""
    return joined([search(text) for text in dict.fromkeys(texts)])


def joined(found: Sequence[Retrieval]) -> Retrieval:
    """Several retrievals as one, as long as the longest of them, by reciprocal rank fusion.

    A hit keeps the scores that the first retrieval gave it that holds it; its own score is the fused one. Timings
    add up; warnings are said once.
    """
    if len(found) == 1:
        return found[0]
    hits = {hit.chunk.id: hit for retrieval in reversed(found) for hit in retrieval.hits}
    fused = reciprocal_rank_fusion([[hit.chunk.id for hit in each.hits] for each in found], k=FUSION_K)
    timings: Counter[str] = Counter()
    for retrieval in found:
        timings.update(retrieval.timings)
    return Retrieval(
        queries=tuple(dict.fromkeys(text for retrieval in found for text in retrieval.queries)),
        hits=tuple(replace(hits[name], score=score) for name, score in fused)[: max(len(each.hits) for each in found)],
        timings=dict(timings),
        warnings=tuple(dict.fromkeys(warning for retrieval in found for warning in retrieval.warnings)),
    )
