"""Questions made from one's own passages, without a model, to see whether each passage can be found again.

A question is made of the rarest words of a passage, see `basicchat.evaluate.wording`: all of a sentence's, fewer of
them, in other forms, or from several sentences, by turns. All of them are words of the passage, so figures are nearer
to an upper bound than to what people will see who ask in their own words. What such questions do tell: whether
something is found at all, which documents hide their text (scans, tables), what changes with settings, and how long
it takes.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from basicchat.core.types import Chunk
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.wording import LEAST, WORDS, Kind, Wording, words_of

__all__ = ["KINDS", "LEAST", "WORDS", "Made", "by_turns", "make_questions", "two_halves"]

KINDS: tuple[Kind, ...] = ("words", "fewer", "forms", "around")
"""Kinds of questions that need no model, in the order in which they take turns."""
ALIKE = 0.5
"""Passages that share this much of their runs of words are near-duplicates: either would be right, so none is asked."""
RUN = 4
"""Words of a run, of which likeness is measured."""
COUNTED = 5_000
"""Of more passages than these only a share of the runs is looked at, chosen by a digest, so that memory stays small."""
STRETCH = 20
"""Passages of a long document that stay in one half together where documents are too few to be split."""


@dataclass(frozen=True)
class Made:
    """Questions whose gold is the id of a chunk, which is theirs too; ``kinds`` says how each was made.

    ``left_out`` of the ``passages`` have a near-duplicate, ``thin`` say too little; ``barren`` are documents of which
    passages were tried and none made a question.
    """

    questions: tuple[Question, ...]
    passages: int
    left_out: int
    thin: int
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    barren: tuple[str, ...] = ()

    @property
    def evaluation(self) -> EvaluationSet:
        """The questions as a set over what is in the library already."""
        return EvaluationSet("own", self.questions)


def make_questions(
    chunks: Sequence[Chunk], count: int, *, collection: str, seed: int = 0, kinds: Sequence[Kind] = ("words",)
) -> Made:
    """At most ``count`` questions, each from another passage, of the ``kinds`` by turns, drawn with a fixed seed.

    Documents take turns too: each is asked about once before any is twice.
    """
    wording = Wording(Counter(word for chunk in chunks for word in set(words_of(chunk.text))), len(chunks))
    doubled = _near_duplicates(chunks)
    questions: list[Question] = []
    made: dict[str, Kind] = {}
    thin: Counter[str] = Counter()
    for chunk in by_turns(chunks, seed):
        if len(questions) == count:
            break
        if chunk.id in doubled:
            continue
        kind = kinds[len(questions) % len(kinds)]
        draw = random.Random(f"{seed} {chunk.id}")  # noqa: S311 - no secret
        if text := wording.question(chunk.text, kind, draw):
            questions.append(Question(chunk.id, text, (chunk.id,), group=chunk.document_id, collection=collection))
            made[chunk.id] = kind
        else:
            thin[chunk.document_id] += 1
    asked = {question.group for question in questions}
    barren = tuple(sorted(document for document in thin if document not in asked))
    return Made(tuple(questions), len(chunks), len(doubled), thin.total(), made, barren)


def by_turns(chunks: Sequence[Chunk], seed: int) -> Iterator[Chunk]:
    """Every passage once: one of each document, then the next of each, documents and passages in an order by chance."""
    drawn = random.Random(seed).sample(list(chunks), len(chunks))  # noqa: S311 - no secret
    documents: dict[str, list[Chunk]] = {}
    for chunk in drawn:
        documents.setdefault(chunk.document_id, []).append(chunk)
    rounds = zip_longest(*documents.values())
    return (chunk for chunk in chain.from_iterable(rounds) if chunk is not None)


def two_halves(
    questions: Sequence[Question], chunks: Sequence[Chunk]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Questions to choose by and questions to report on, nearly as many: no document is in both.

    Where one document has more than half of the questions, stretches of `STRETCH` passages are kept together instead
    of documents. The second half is empty for a library too small to be split.
    """
    groups = {question.id: question.group for question in questions}
    if max(Counter(groups.values()).values(), default=0) * 2 > len(questions):
        places = {chunk.id: f"{chunk.document_id} {chunk.ordinal // STRETCH:06}" for chunk in chunks}
        groups = {question.id: places[question.id] for question in questions}
    sizes = Counter(groups.values())
    first: set[str] = set()
    ahead = 0
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):  # the largest first, each to the smaller half
        if ahead <= 0:
            first.add(name)
        ahead += sizes[name] if name in first else -sizes[name]
    return (
        tuple(question for question in questions if groups[question.id] in first),
        tuple(question for question in questions if groups[question.id] not in first),
    )


def _near_duplicates(chunks: Sequence[Chunk]) -> frozenset[str]:
    """Ids of passages of which at least `ALIKE` of the runs of words stand in one other passage."""
    share = 1 + len(chunks) // COUNTED
    kept = [{run for run in _runs(chunk.text) if run % share == 0} for chunk in chunks]
    holders: dict[int, list[int]] = {}
    for number, runs in enumerate(kept):
        for run in runs:
            holders.setdefault(run, []).append(number)
    found = set()
    for number, runs in enumerate(kept):
        shared = Counter(other for run in runs for other in holders[run] if other != number)
        if shared and max(shared.values()) >= ALIKE * len(runs):
            found.add(chunks[number].id)
    return frozenset(found)


def _runs(text: str) -> Iterator[int]:
    words = words_of(text)
    for run in zip(*(words[start:] for start in range(RUN)), strict=False):
        yield zlib.crc32(" ".join(run).encode("utf-8", "replace"))
