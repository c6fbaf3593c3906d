"""How much of a question's wording stands in a passage word beside word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from basicchat.retrieve.terms import terms


def phrase_shares(question: str, texts: Sequence[str]) -> list[float]:
    """For each text the share of the question's neighbouring content words that are neighbours there too, 0 to 1.

    Neighbours are two terms with at most stop words between them, in the question's order: the sequential dependence
    of Metzler & Croft ("A Markov Random Field Model for Term Dependencies", SIGIR 2005) in its simplest form. Each
    pair counts once. All are 0 for a question of fewer than two terms.
    """
    wanted = set(pairwise(terms(question)))
    if not wanted:
        return [0.0] * len(texts)
    return [len(wanted & set(pairwise(terms(text)))) / len(wanted) for text in texts]
