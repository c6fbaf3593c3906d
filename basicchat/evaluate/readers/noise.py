"""RGB (Chen et al. 2024): each question with right, wrong and falsified passages of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet, Parts, Question, Source
from basicchat.evaluate.lines import existing, records

PASSAGES = 5
"""Passages a question, as in the paper."""


def read(directory: Path, file: str = "en_fact", mix: str = "40") -> EvaluationSet:
    """A file of RGB, and how its passages are mixed.

    ``mix`` is the percentage of passages that are beside the point (0 to 80), ``negative`` for nothing but those, so
    that a refusal is right, or ``falsified`` for passages in which the fact was changed. Every question has its own
    collection. Gold are the right passages; of falsified ones there is no gold. Questions without a passage of the kind
    are left out. What the set calls negative holds the answer now and then, in other words.
    """
    sources: list[Source] = []
    questions: list[Question] = []
    for record in records(existing(directory, f"{file}.jsonl")):
        collection = f"{file}-{record['id']}"
        right, wrong = _mixed(record, mix)
        mine = [Source(f"{collection}/{number}", text, "", collection) for number, text in enumerate((*right, *wrong))]
        if not mine:
            continue
        sources += mine
        gold = () if mix == "falsified" else tuple(source.id for source in mine[: len(right)])
        questions.append(
            Question(
                collection,
                record["query"],
                gold=gold,
                answers=parts(record["answer"]),
                answerable=mix != "negative",
                trap=_trap(record) if mix == "falsified" else "",
                collection=collection,
            )
        )
    return EvaluationSet("rgb", questions=tuple(questions), sources=tuple(sources))


def parts(answer: object) -> Parts:
    """A text is one part with one form; a list holds parts, each a form or a list of forms that are accepted."""
    if not isinstance(answer, list):
        return ((str(answer),),)
    return tuple(tuple(map(str, part)) if isinstance(part, list) else (str(part),) for part in answer)


def _trap(record: Mapping[str, Any]) -> str:
    """The changed fact; of one that has several parts the last, the most precise (a country, then its city)."""
    fact = record.get("fakeanswer", "")
    return str(fact[-1] if isinstance(fact, list) else fact)


def _mixed(record: Mapping[str, Any], mix: str) -> tuple[Sequence[str], Sequence[str]]:
    """Passages with the fact and passages beside it, each text once."""
    right, wrong = _distinct(record["positive"]), _distinct(record["negative"])
    if mix == "negative":
        return (), wrong[:PASSAGES]
    if mix == "falsified":
        if "positive_wrong" not in record:
            raise InvalidInput("This file of RGB holds no falsified passages.")
        return _distinct(record["positive_wrong"]), ()
    if not mix.isdigit() or not 0 <= int(mix) < 100:
        raise InvalidInput(f"RGB cannot be mixed by {mix}.", hint="Say 0 to 80 (percent), negative or falsified.")
    beside = math.ceil(PASSAGES * int(mix) / 100)
    kept = right[: PASSAGES - beside]
    return kept, wrong[: PASSAGES - len(kept)]


def _distinct(texts: Sequence[Any]) -> tuple[str, ...]:
    """The texts in order, one of each list by turns where the parts of an answer have lists of their own."""
    lists = [text if isinstance(text, list) else [text] for text in texts]
    return tuple(dict.fromkeys(text.strip() for text in chain(*zip_longest(*lists, fillvalue="")) if text.strip()))
