"""One score for every hit, from what both indexes and the names of documents say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from basicchat.core.types import Hit
from basicchat.retrieve.about import affinity
from basicchat.retrieve.language import in_english
from basicchat.retrieve.phrases import phrase_shares
from basicchat.retrieve.terms import coverage


@dataclass(frozen=True)
class Weights:
    """What each measure counts for, see `blend`. Fitted together over several sets of questions, see the benchmarks."""

    dense: float = 10.0
    lexical: float = 3.0
    coverage_power: float = 2.0
    name: float = 1.0
    phrase: float = 1.0


HEAD = 30
"""Hits whose wording is compared with the question's: it takes 0.3 ms each."""


def blend(question: str, hits: Sequence[Hit], *, weights: Weights, english_embedder: bool = True) -> list[Hit]:
    """The hits by one score, best first, ties to the smaller id; ``scores["fused"]`` holds it too.

    With the best cosine C and the best BM25 score B of all hits, a hit of cosine c and score b in a document whose name
    fits the question by f (`affinity`) gets

        dense * (c - C)  +  share * (b / B - 1)  +  name * f

    so what is best everywhere gets 0 and more only by its name. This is a combination of scores, not of ranks (Bruch,
    Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023): a first place by far counts for
    more than one by a hair. A hit that an index did not give takes the lowest cosine, and 0 for BM25.

    ``share`` is ``lexical`` times a power of the part of the question that the best hit by words holds: words say
    little of a long question that no passage repeats. All of it counts for a question in another language than English
    where the embedder knows English only.

    The first `HEAD` hits then get ``phrase`` times the share of the question's wording that they hold, see
    `phrase_shares`.
    """
    cosines = [hit.scores["dense"] for hit in hits if "dense" in hit.scores]
    by_words = [hit for hit in hits if "lexical" in hit.scores]
    lowest, nearest = min(cosines, default=0.0), max(cosines, default=0.0)
    best = max(by_words, key=lambda hit: (hit.scores["lexical"], hit.chunk.id), default=None)
    share = weights.lexical
    if best is not None and (in_english(question) or not english_embedder):
        share *= coverage(question, context_text(best)) ** weights.coverage_power
    most = best.scores["lexical"] if best is not None else 1.0
    fits = affinity(question, list({hit.document.id: hit.document for hit in hits}.values()))
    scored = []
    for hit in hits:
        score = weights.dense * (hit.scores.get("dense", lowest) - nearest)
        score += share * (hit.scores.get("lexical", 0.0) / most - 1.0) + weights.name * fits[hit.document.id]
        scored.append(replace(hit, score=score, scores={**hit.scores, "fused": score}))
    return _with_phrases(question, _in_order(scored), weight=weights.phrase)


def _with_phrases(question: str, hits: list[Hit], *, weight: float) -> list[Hit]:
    head = hits[:HEAD] if weight else []
    shares = phrase_shares(question, [hit.chunk.text for hit in head])
    lifted = []
    for hit, share in zip(head, shares, strict=True):
        score = hit.score + weight * share
        lifted.append(replace(hit, score=score, scores={**hit.scores, "fused": score}))
    return _in_order([*lifted, *hits[len(head) :]])


def _in_order(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))


def context_text(hit: Hit) -> str:
    """A chunk below the names that stand above it: what it says, and what it is about."""
    return "\n".join((hit.document.title, *hit.chunk.heading, hit.chunk.text))
