"""How well passages support a claim, by the words they share: no model is asked.

The measure: of the words of a claim that carry meaning, the weighted share that a passage holds. Numbers weigh
most, then names, and rare words more than those that stand in every passage; words that the question already held
weigh less than those that the claim adds. Half of it is for the best single sentence, half for the whole passage.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from basicchat.core.types import Passage
from basicchat.reason.claims import LEAST_TERMS, Claim, claim_before, claims, trailing
from basicchat.reason.figures import missing_figures
from basicchat.reason.sentences import Sentence, sentences
from basicchat.retrieve.terms import numbers, terms

NUMBER_WEIGHT = 3.0
NAME_WEIGHT = 2.0
ASKED_SHARE = 0.5  # what a claim's word counts for that the question held already
CONTEXT_WEIGHT = 0.25  # a word of the question that the claim leaves out: "In Rome [1]." is about what was asked
MARGIN = 0.15  # another passage must support a claim by this much more to take the place of the one named
SUPPORTED = 0.5  # less than this is no support

_NAME = re.compile(r"(?<=\S\s)[A-Z][^\W_]*")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class _Ground:
    """A passage, cut and counted once."""

    passage: Passage

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(content(self.passage.text))

    @cached_property
    def pieces(self) -> list[tuple[Sentence, frozenset[str]]]:
        text = self.passage.text
        places = sentences(text) or [Sentence(0, len(text))]
        return [(piece, frozenset(content(text[piece.start : piece.end]))) for piece in places]


class Grounds:
    """The passages of one prompt, as what an answer must rest on."""

    def __init__(self, passages: Sequence[Passage], *, question: str) -> None:
        self._by_number = {passage.number: _Ground(passage) for passage in passages}
        self.passages = tuple(passages)
        self.question = question
        self._asked = frozenset(content(question))

    def settle(self, before: str, named: Sequence[int]) -> list[int]:
        """The numbers to show for those a model named behind the text ``before``.

        A number stays unless another passage supports the claim clearly better, which then takes its place, or
        nothing supports the claim and its own passage shares no word with it: then it goes. No number stands twice
        behind one claim. What cannot be measured stays: a claim of fewer than `LEAST_TERMS` content words ("According
        to [2]"), and one in another script than its passage.
        """
        claim = claim_before(before)
        beside = trailing(before)
        weights = self._weights(claim)
        shown: list[int] = []
        for number in named:
            settled = self._settled(claim, number, weights, [*beside, *shown])
            shown += [settled] if settled is not None else []
        return shown

    def holds_words(self, claim: str, named: Sequence[int]) -> bool:
        """Whether passages hold at least `SUPPORTED` of a claim's words by weight: those named together, else any."""
        cited = [self._by_number[number] for number in named]
        weights = self._own_weights(claim)
        for grounds in [cited] if cited else [[ground] for ground in self._by_number.values()]:
            if _share(weights, frozenset[str]().union(*(ground.words for ground in grounds))) >= SUPPORTED:
                return True
        return False

    def cannot_tell(self, claim: str, named: Sequence[int]) -> bool:
        """Whether shared words say nothing, as one of the passages named is in another script."""
        return any(_other_script(claim, self._by_number[number].passage.text) for number in named)

    def sources(self, text: str) -> tuple[int, ...]:
        """The passages that bear out an answer without numbers, best one of each sentence; none if one has none."""
        said = [claim for claim in claims(text) if content(claim.text)]
        if not all(self._bears_out(claim.text) for claim in said):
            return ()
        best = (max(self._by_number, key=lambda number: self.support(claim.text, number)) for claim in said)
        return tuple(sorted(set(best)))

    def best_place(self, text: str, number: int) -> Sentence | None:
        """The sentence of a passage that supports best what an answer cites it for; None when none shares a word.

        It is cited for every sentence that carries its number, and for those right before one that carry none.
        """
        ground = self._by_number[number]
        best: tuple[float, Sentence | None] = (0.0, None)
        for claim in [claim for claim in _cited_for(claims(text), number) if content(claim)] or [self.question]:
            weights = self._weights(claim)
            for piece, words in ground.pieces:
                if (share := _share(weights, words)) > best[0]:
                    best = (share, piece)
        return best[1]

    def support(self, claim: str, number: int) -> float:
        """How well a passage supports a claim, from 0 to 1."""
        return self._support(self._weights(claim), self._by_number[number])

    def shares(self, claim: str, number: int, place: Sentence) -> tuple[float, float]:
        """The weighted shares of a claim's own words that one sentence of a passage holds, and all of the passage."""
        ground = self._by_number[number]
        weights = self._own_weights(claim)
        words = next((words for piece, words in ground.pieces if piece == place), frozenset[str]())
        return _share(weights, words), _share(weights, ground.words)

    def places(self, number: int) -> list[Sentence]:
        """The sentences of a passage."""
        return [piece for piece, _ in self._by_number[number].pieces]

    def _settled(self, claim: str, number: int, weights: Mapping[str, float], beside: Sequence[int]) -> int | None:
        own = self._by_number[number]
        words = frozenset(content(claim))
        if not words or _other_script(claim, own.passage.text):
            return None if number in beside else number
        scores = {other: self._support(weights, ground) for other, ground in self._by_number.items()}
        best = max(scores, key=lambda other: (scores[other], other == number, -other))
        if scores[best] < SUPPORTED or scores[best] - scores[number] < MARGIN:
            stays = words & own.words or len(words) < LEAST_TERMS
            return number if stays and number not in beside else None
        if best not in beside:
            return best
        held = frozenset[str]().union(*(self._by_number[other].words for other in beside))
        return number if (words & own.words) - held else None

    def _support(self, weights: Mapping[str, float], ground: _Ground) -> float:
        best = max((_share(weights, words) for _, words in ground.pieces), default=0.0)
        return (best + _share(weights, ground.words)) / 2

    def _bears_out(self, claim: str) -> bool:
        weights = self._own_weights(claim)
        return any(
            not missing_figures(claim, ground.passage.text, besides=self.question)
            and _share(weights, ground.words) >= SUPPORTED
            for ground in self._by_number.values()
        )

    def _weights(self, claim: str) -> dict[str, float]:
        named = names(claim)
        figures = numbers(claim)
        weights = {}
        for word in content(claim):
            kind = NUMBER_WEIGHT if word in figures else NAME_WEIGHT if word in named else 1.0
            weights[word] = kind * (ASKED_SHARE if word in self._asked else 1.0)
        for word in self._asked:
            weights.setdefault(word, CONTEXT_WEIGHT)
        return {word: weight * self._rarity(word) for word, weight in weights.items()}

    def _own_weights(self, claim: str) -> dict[str, float]:
        own = set(content(claim))
        return {word: weight for word, weight in self._weights(claim).items() if word in own}

    def _rarity(self, word: str) -> float:
        holders = sum(word in ground.words for ground in self._by_number.values())
        return math.log(1 + len(self._by_number) / max(holders, 1))


def content(text: str) -> list[str]:
    """The terms of a text. Writing without blanks between words (Chinese, Thai) gives pairs of letters."""
    found = []
    for term in terms(text):
        if len(term) > 2 and _UNSPACED.search(term):
            found += [term[place : place + 2] for place in range(len(term) - 1)]
        else:
            found.append(term)
    return found


def names(text: str) -> set[str]:
    """The terms of words with a capital letter that do not begin the text."""
    return {name for found in _NAME.finditer(text) for name in terms(found.group())}


def _cited_for(said: Sequence[Claim], number: int) -> list[str]:
    """The sentences that a number stands for: those that carry it, and those without numbers right before them."""
    found: list[str] = []
    bare: list[str] = []
    for claim in said:
        if number in claim.numbers:
            found += [*bare, claim.text]
        bare = [] if claim.numbers else [*bare, claim.text]
    return found


def _share(weights: Mapping[str, float], words: frozenset[str]) -> float:
    whole = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in words) / whole if whole else 0.0


def _other_script(one: str, other: str) -> bool:
    """Whether one text is mostly in Latin letters and the other is not: then shared words say nothing."""
    return _latin(one) != _latin(other)


def _latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter < "\u0250" for letter in letters) * 2 >= len(letters)
