"""Questions made from one's own passages, without a model, to see whether each passage can be found again.

A question is made of the rarest words of one sentence, so it asks with the passage's own words. Figures are therefore
an upper bound of what people will see who ask in other words. What such questions do tell: whether something is found
at all, which documents hide their text (scans, tables), what changes with settings, and how long it takes.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from basicchat.core.types import Chunk
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.reason.sentences import sentences

WORDS = 6
"""Words of a question."""
LEAST = 4
"""A sentence with fewer words that say something makes no question."""
ALIKE = 0.5
"""Passages that share this much of their runs of words are near-duplicates: either would be right, so none is asked."""
RUN = 4
"""Words of a run, of which likeness is measured."""
_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")


@dataclass(frozen=True)
class Made:
    """Questions whose gold is the id of a chunk. ``left_out`` have a near-duplicate, ``thin`` say too little."""

    questions: tuple[Question, ...]
    passages: int
    left_out: int
    thin: int

    @property
    def evaluation(self) -> EvaluationSet:
        """The questions as a set over what is in the library already."""
        return EvaluationSet("own", self.questions)


def make_questions(chunks: Sequence[Chunk], count: int, *, collection: str, seed: int = 0) -> Made:
    """At most ``count`` questions, each from another passage, drawn with a fixed seed.

    The sentence of a passage with the rarest words is taken, rarity being the inverse of how many passages hold a word
    (Sparck Jones 1972), and its rarest `WORDS` words in their order.
    """
    held = Counter(word for chunk in chunks for word in set(_words(chunk.text)))
    doubled = _near_duplicates(chunks)
    drawn = random.Random(seed).sample(list(chunks), len(chunks))  # noqa: S311 - no secret
    questions: list[Question] = []
    thin = 0
    for chunk in drawn:
        if len(questions) == count:
            break
        if chunk.id in doubled:
            continue
        text = _question(chunk.text, held, len(chunks))
        if text:
            questions.append(Question(chunk.id, text, (chunk.id,), group=chunk.document_id, collection=collection))
        else:
            thin += 1
    return Made(tuple(questions), len(chunks), len(doubled), thin)


def _question(text: str, held: Counter[str], total: int) -> str:
    """The rarest words of the sentence that tells most, in order; empty where no sentence has enough of them."""

    def rarity(word: str) -> float:
        return math.log(total / held[word]) if held[word] else 0.0

    best: list[str] = []
    for piece in sentences(text):
        words = list(dict.fromkeys(_words(text[piece.start : piece.end])))
        rarest = set(sorted(words, key=lambda word: (-rarity(word), word))[:WORDS])
        chosen = [word for word in words if word in rarest and rarity(word) > 0]
        if len(chosen) >= LEAST and sum(map(rarity, chosen)) > sum(map(rarity, best)):
            best = chosen
    return " ".join(best)


def _near_duplicates(chunks: Sequence[Chunk]) -> frozenset[str]:
    """Ids of passages of which at least `ALIKE` of the runs of words stand in one other passage."""
    holders: dict[tuple[str, ...], list[int]] = {}
    for number, chunk in enumerate(chunks):
        for run in set(_runs(chunk.text)):
            holders.setdefault(run, []).append(number)
    found = set()
    for number, chunk in enumerate(chunks):
        runs = set(_runs(chunk.text))
        shared = Counter(other for run in runs for other in holders[run] if other != number)
        if runs and shared and max(shared.values()) >= ALIKE * len(runs):
            found.add(chunk.id)
    return frozenset(found)


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
