"""What an answer says about its own grounds: a verdict a sentence, sources that disagree, facts about each source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["supported", "weak", "unsupported"]
"""``supported``: a passage says it. ``unsupported``: a number stands in none, or too few of its words. ``weak``: its
words are there, but whether they say this is not sure."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """``answer.text[start:end]``, its citation numbers included, and how the passages bear it out.

    ``numbers`` are the citations that it carries. ``passage`` is the number of the passage that bears it out best,
    None where none shares a word with it; ``page_start`` and ``page_end`` are where the best sentence of that passage
    stands in its page. ``score`` is the estimated probability that a passage says it. ``doubt`` says what is wrong
    with one that is not supported: ``figures`` that stand nowhere, a ``denial`` or an ``opposite`` against the
    passage, ``words`` that are too few.
    """

    start: int
    end: int
    verdict: Verdict
    score: float
    numbers: tuple[int, ...] = ()
    passage: int | None = None
    page_start: int = 0
    page_end: int = 0
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says: a sentence of a passage of the prompt, and the ``value`` in it that others give otherwise.

    ``passage`` is the passage's number; ``start`` and ``end`` are offsets in its page.
    """

    passage: int
    document_id: str
    title: str
    page: int
    start: int
    end: int
    quote: str
    value: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Documents that give different values for the same. ``sentence`` is the place in ``Answer.sentences`` of the
    sentence that the first statement bears out.
    """

    sentence: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a cited document. Nothing here is a mark out of ten.

    ``kind`` is a word such as ``PDF``, ``mail`` or ``scan``. ``dated`` is the day, month or year that the document
    gives itself in ISO 8601, empty where it gives none, and ``dated_by`` says which date that is: ``document`` (of a
    letter or a book), ``modified`` or ``created``. ``added_at`` is in seconds since the epoch. ``recognised`` is how
    sure text recognition was of the worst page cited, in per cent; None for text that needed none. ``agreeing`` counts
    the other documents among the passages read that say what it is cited for, copies not counted.
    """

    document_id: str
    source: str
    kind: str
    added_at: float
    dated: str = ""
    dated_by: str = ""
    recognised: float | None = None
    agreeing: int = 0


_NUMBERS = re.compile(r"\s*\[\d+\]")


def unsupported(text: str, sentences: Sequence[CheckedSentence]) -> tuple[str, ...]:
    """The sentences of an answer without support, on one line each and without citation numbers."""
    found = (text[each.start : each.end] for each in sentences if each.verdict == "unsupported")
    return tuple(" ".join(_NUMBERS.sub("", sentence).split()) for sentence in found)


def unsupported_remark(unsupported: Sequence[str]) -> str:
    """What to tell the reader about sentences without support; nothing where there are none."""
    if not unsupported:
        return ""
    have = "1 sentence has" if len(unsupported) == 1 else f"{len(unsupported)} sentences have"
    quoted = "; ".join(f"“{sentence}”" for sentence in unsupported)
    return f"{have} no support in the passages cited: {quoted}"


def disagreement(conflict: Conflict) -> str:
    """Which source says what, in one sentence."""
    said = ", ".join(f"{each.title} says “{each.value}”" for each in conflict.statements)
    return f"Sources disagree: {said}."


def described(facts: SourceFacts) -> str:
    """Facts about a source on one line: what it is, of when, how surely it was read, and who agrees."""
    date = {"document": "of", "modified": "modified", "created": "created"}.get(facts.dated_by, "")
    others = "1 other document says" if facts.agreeing == 1 else f"{facts.agreeing} other documents say"
    parts = (
        facts.kind,
        f"{date} {facts.dated}" if facts.dated else "",
        f"added {datetime.fromtimestamp(facts.added_at).astimezone():%Y-%m-%d}",
        f"text recognised, {facts.recognised:.0f} % sure" if facts.recognised is not None else "",
        f"{others} the same" if facts.agreeing else "",
    )
    return " · ".join(part for part in parts if part)
