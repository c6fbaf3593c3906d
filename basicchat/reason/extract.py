"""An answer without a language model: the best sentences, quoted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from basicchat.core.types import Passage
from basicchat.reason.cite import CitationFilter
from basicchat.reason.sentences import sentences
from basicchat.retrieve.terms import terms

MOST_QUOTES = 3
SHORTLIST = 12  # sentences that the reranker looks at
RELEVANCE = 0.7  # how much relevance counts against novelty in maximal marginal relevance (Carbonell & Goldstein, 1998)
LEAST_SHARE = 0.5  # a further quote must be at least this good, compared to the best one

BETWEEN = "\n\n"
"""What stands between two quotes."""

Score = Callable[[Sequence[str]], Sequence[float]]
"""Logits for a leading part of some texts, as many as time allows; none where there is no reranker."""


@dataclass(frozen=True)
class Quote:
    """A piece of a passage; ``start`` and ``end`` are offsets in the page."""

    passage: Passage
    start: int
    end: int
    text: str
    score: float


def best_quotes(question: str, passages: Sequence[Passage], *, score: Score, most: int = MOST_QUOTES) -> list[Quote]:
    """At most ``most`` sentences that answer ``question`` best, the best first, each unlike the others.

    Sentences are ranked by the question's words they hold, rare words counting more, and by the rank of their
    passage; the best of them are looked at by ``score``.
    """
    candidates = _by_words(question, passages)
    if not candidates:
        return []
    shortlist = candidates[:SHORTLIST]
    logits = list(score([quote.text for quote in shortlist]))
    return _diverse(_combined(shortlist, logits), most)


def rendered(quotes: Sequence[Quote]) -> str:
    """Quotes as an answer, a paragraph each, with the numbers of their passages.

    White space is evened out, and bracketed numbers of the source itself are left out: they would look like ours.
    """
    return BETWEEN.join(f"“{shown(quote.text)}” [{quote.passage.number}]" for quote in quotes)


def shown(text: str) -> str:
    """A quotation on one line without bracketed numbers of its own."""
    numbers = CitationFilter(0)
    return " ".join((numbers.feed(text.replace("`", "'")) + numbers.close()).split())


def _by_words(question: str, passages: Sequence[Passage]) -> list[Quote]:
    pieces = [
        (rank, passage, passage.text[piece.start : piece.end], piece)
        for rank, passage in enumerate(passages, start=1)
        for piece in sentences(passage.text)
    ]
    bags = [set(terms(text)) for _, _, text, _ in pieces]
    frequency = Counter(term for bag in bags for term in bag)
    rarity = {term: math.log(1 + len(bags) / frequency[term]) for term in set(terms(question)) if term in frequency}
    whole = sum(rarity.values()) or 1.0
    quotes = []
    for (rank, passage, text, piece), bag in zip(pieces, bags, strict=True):
        share = sum(weight for term, weight in rarity.items() if term in bag) / whole
        quotes.append(
            Quote(passage, passage.start + piece.start, passage.start + piece.end, text, share + 1 / (2 + rank))
        )
    return sorted(quotes, key=lambda quote: (-quote.score, quote.passage.number, quote.start))


def _combined(quotes: Sequence[Quote], logits: Sequence[float]) -> list[Quote]:
    """Fuse the order by words with the order by logits; scores from 0 to 1, the best first."""
    order = sorted(range(len(logits)), key=lambda place: (-logits[place], place))
    second = {place: rank for rank, place in enumerate(order)}
    # ranks fall off fast here: of a dozen sentences only the first few matter
    scores = [0.5 / (1 + place / 3) + 0.5 / (1 + second.get(place, place) / 3) for place in range(len(quotes))]
    both = [
        Quote(quote.passage, quote.start, quote.end, quote.text, score)
        for quote, score in zip(quotes, scores, strict=True)
    ]
    return sorted(both, key=lambda quote: (-quote.score, quote.passage.number, quote.start))


def _diverse(quotes: Sequence[Quote], most: int) -> list[Quote]:
    bags = {id(quote): set(terms(quote.text)) for quote in quotes}
    chosen: list[Quote] = []
    left = [quote for quote in quotes if quote.score >= LEAST_SHARE * quotes[0].score]
    while left and len(chosen) < most:
        taken = [bags[id(quote)] for quote in chosen]
        best = max(left, key=lambda quote: _marginal(quote, bags[id(quote)], taken))
        left.remove(best)
        if max((_alike(bags[id(best)], bag) for bag in taken), default=0.0) < 0.8:
            chosen.append(best)
    return chosen


def _marginal(quote: Quote, bag: set[str], taken: Sequence[set[str]]) -> float:
    return RELEVANCE * quote.score - (1 - RELEVANCE) * max((_alike(bag, other) for other in taken), default=0.0)


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0
