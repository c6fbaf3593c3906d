"""What every evaluation set comes to: texts or files to take in, and questions with what is known about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.core.types import DEFAULT_COLLECTION, Message

Parts = tuple[tuple[str, ...], ...]
"""A gold answer: parts that must all be there, each with the forms that are accepted for it."""


@dataclass(frozen=True)
class Source:
    """A text to take in. ``id`` is what gold names; ``collection`` keeps texts of different questions apart."""

    id: str
    text: str
    title: str = ""
    collection: str = DEFAULT_COLLECTION


@dataclass(frozen=True)
class Question:
    """A question of a set.

    ``gold`` names sources, or pages as `page_key` writes them. ``answers`` is empty where the set gives none, and
    ``answerable`` says whether the sources hold an answer. ``group`` is what to split by (an article, a document).
    ``standalone`` is a human's rewrite of a question that leans on ``history``; ``trap`` is what a wrong answer would
    say: a fact that was falsified, or something that nobody said.
    """

    id: str
    text: str
    gold: tuple[str, ...] = ()
    answers: Parts = ()
    answerable: bool = True
    group: str = ""
    history: tuple[Message, ...] = ()
    standalone: str = ""
    trap: str = ""
    collection: str = DEFAULT_COLLECTION


@dataclass(frozen=True)
class EvaluationSet:
    """Sources or files, and questions over them.

    ``by_page``: gold names pages of files. ``as_files``: each source becomes a Markdown file of its own, so that its
    tables are read as tables; otherwise all sources of a collection become one file of JSON Lines.
    """

    kind: str
    questions: tuple[Question, ...]
    sources: tuple[Source, ...] = ()
    files: tuple[Path, ...] = ()
    by_page: bool = False
    as_files: bool = False

    def limited(self, count: int) -> EvaluationSet:
        """The set with ``count`` questions at most, spread evenly over the whole; every source stays."""
        total = len(self.questions)
        if count >= total:
            return self
        chosen = tuple(self.questions[number * total // count] for number in range(count))
        return replace(self, questions=chosen)

    def answerable(self) -> EvaluationSet:
        """The set without questions that its sources do not answer. Raises `InvalidInput` where none is left."""
        kept = tuple(question for question in self.questions if question.answerable)
        if not kept:
            raise InvalidInput("The set has no question that its documents answer.")
        return replace(self, questions=kept)


def page_key(document: str, page: int) -> str:
    """How gold names a page, which counts from 1: ``REPORT#page=12``. The document is a file's name without suffix."""
    return f"{document}#page={page}"


def halves(questions: Sequence[Question]) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Questions to fit on and questions to report on, split so that no group is in both.

    Groups, sorted by name, go to the halves by turns, so the split never changes. A question without a group is a
    group of its own.
    """
    names = sorted({question.group or question.id for question in questions})
    fitting = set(names[::2])
    return (
        tuple(question for question in questions if (question.group or question.id) in fitting),
        tuple(question for question in questions if (question.group or question.id) not in fitting),
    )
