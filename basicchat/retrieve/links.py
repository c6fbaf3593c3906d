"""The second hop: documents that the best hits name, or that name them, are looked at next.

"In which year was the director of the film born?" is answered by two documents, and the question knows the first alone.
The first one names the second. No model is asked: names of documents are found as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from basicchat.core.types import Hit
from basicchat.retrieve.terms import coverage

SEEDS = 2
"""Hits, of different documents, from which to look on."""
SPREAD = 20
"""The distance from the first hit to this one is what a link is measured by."""
LEAST_NAME = 4
"""Letters of a name; shorter ones stand everywhere by chance."""
MOST_NAME = 80
"""Letters of a title that can be a name; a longer one is a sentence."""

_BRACKETED = re.compile(r"\s*\([^()]*\)\s*$")


def follow_links(question: str, hits: Sequence[Hit], *, lift: float, sufficient: float) -> list[Hit]:
    """Lift hits that are linked with the best ones, best first; the first hit stays the first.

    A hit is linked with a seed when its document's name stands in the seed's text, or the seed's name in its text. It
    is lifted by ``lift`` times the distance between the first hit and the twentieth, half of that from the second seed
    on, and at most to its seed. Nothing is lifted where one seed already holds the share ``sufficient`` of the
    question's words, or where there is only one document.
    """
    seeds = _seeds(hits)
    if len(seeds) < SEEDS or any(coverage(question, _text(hit)) >= sufficient for hit in seeds):
        return list(hits)
    reach = lift * (hits[0].score - hits[min(SPREAD, len(hits)) - 1].score)
    lifted = []
    for place, hit in enumerate(hits):
        score = hit.score
        for rank, seed in enumerate(seeds):
            if hit.document.id != seed.document.id and hit.score < seed.score and _linked(hit, seed):
                score = max(score, min(hit.score + reach / (1 + rank), seed.score))
        lifted.append((-score, place, replace(hit, score=score)))
    return [hit for _, _, hit in sorted(lifted, key=lambda entry: entry[:2])]


def _seeds(hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of each of the first documents."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.document.id, hit)
        if len(best) == SEEDS:
            break
    return list(best.values())


def _linked(hit: Hit, seed: Hit) -> bool:
    return _names(hit.chunk.text, seed.document.title) or _names(seed.chunk.text, hit.document.title)


def _names(text: str, title: str) -> bool:
    name = _name(title)
    return bool(name) and name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


@lru_cache(maxsize=10_000)
def _name(title: str) -> str:
    """The name of a document as it would be written in another, without what stands in brackets behind it, or none."""
    name = " ".join(_BRACKETED.sub("", title).split())
    return name if LEAST_NAME <= len(name) <= MOST_NAME and name[0].isupper() else ""


def _text(hit: Hit) -> str:
    return f"{hit.document.title}\n{hit.chunk.text}"
