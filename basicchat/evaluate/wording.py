"""Words of a passage to ask with: as they stand, fewer of them, in other forms, or from several sentences."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from basicchat.reason.sentences import sentences

Kind = Literal["words", "fewer", "forms", "around", "asked"]
"""How a question was made: the words of a sentence, some of them left out, in other forms, from sentences around it,
or asked by a model."""

WORDS = 6
"""Words of a question."""
LEAST = 4
"""A sentence with fewer words that say something makes no question."""
KEPT = 0.6
"""The share of the words that stays where some are left out: three or four of six."""
BESIDE = 2
"""Words that each sentence gives where several give some."""
_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_PLAIN = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True)
class Wording:
    """Makes words of passages into questions; ``held`` counts the passages, ``total`` in all, that hold a word."""

    held: Counter[str]
    total: int

    def question(self, text: str, kind: Kind, draw: random.Random) -> str:
        """A question for a passage; empty where no sentence says enough. ``draw`` decides what is left out."""
        pieces = [words_of(text[piece.start : piece.end]) for piece in sentences(text)]
        chosen = [self._rarest(words, WORDS) for words in pieces]
        best = max(range(len(chosen)), key=lambda place: self._weight(chosen[place]), default=0)
        if not chosen or len(chosen[best]) < LEAST:
            return ""
        if kind == "around":
            near = [self._rarest(words, BESIDE) for words in pieces[max(0, best - 1) : best + 2]]
            spread = list(dict.fromkeys(word for words in near for word in words))
            return " ".join(spread if len(spread) >= LEAST else self._fewer(chosen[best], draw))
        if kind == "fewer":
            return " ".join(self._fewer(chosen[best], draw))
        return " ".join(map(other_form, chosen[best]) if kind == "forms" else chosen[best])

    def _rarest(self, words: Sequence[str], count: int) -> list[str]:
        """The rarest of the words in their order, those that every passage holds left out (Sparck Jones 1972)."""
        each = list(dict.fromkeys(words))
        rarest = set(sorted(each, key=lambda word: (-self._rarity(word), word))[:count])
        return [word for word in each if word in rarest and self._rarity(word) > 0]

    def _rarity(self, word: str) -> float:
        return math.log(self.total / self.held[word]) if self.held[word] else 0.0

    def _weight(self, words: Sequence[str]) -> float:
        return sum(map(self._rarity, words)) if len(words) >= LEAST else 0.0

    @staticmethod
    def _fewer(words: Sequence[str], draw: random.Random) -> list[str]:
        kept = set(draw.sample(range(len(words)), max(LEAST - 1, round(KEPT * len(words)))))
        return [word for place, word in enumerate(words) if place in kept]


def words_of(text: str) -> list[str]:
    """Every word of a text, small."""
    return [word.casefold() for word in _WORD.findall(text)]


def other_form(word: str) -> str:
    """An English word in another form, by its ending: crude, and not always a word. Names with digits stay."""
    if not _PLAIN.fullmatch(word):
        return word
    for ending, other in (("ies", "y"), ("ing", "ed"), ("ed", "ing"), ("ss", "sses"), ("s", ""), ("y", "ies")):
        if word.endswith(ending):
            return word.removesuffix(ending) + other
    return word + "s"
