"""Questions about things that a library does not hold: what it should refuse to answer."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from basicchat.evaluate.cases import Question
from basicchat.evaluate.lines import records
from basicchat.evaluate.wording import words_of

FILE = Path(__file__).with_name("data") / "absent.jsonl"
"""Forty questions of our own about animals, places, crafts and dishes, each with the thing that it is about."""


def absent_questions(held: Collection[str], *, collection: str, count: int = 40) -> tuple[Question, ...]:
    """At most ``count`` questions whose thing is not among the words ``held``, nor any word that begins with it.

    A library that never says "okapi" cannot tell how long one carries its young. These questions are off the subject:
    that they are refused does not tell whether near misses are.
    """
    kept = []
    for number, record in enumerate(records(FILE)):
        things = words_of(str(record["about"]))
        if not all(any(word.startswith(thing.removesuffix("s")) for word in held) for thing in things):
            kept.append(Question(f"absent-{number}", str(record["question"]), answerable=False, collection=collection))
    return tuple(kept[:count])
