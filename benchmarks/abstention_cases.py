"""The questions that the gate before a model is fitted and measured with, and what the product finds for each.

The eight articles of the SQuAD2 developers' half, in alphabetical order, are dealt into two halves in turn, each a
collection of its own: one for fitting, the other for reporting. Whatever is fitted sees whole articles of the first
half and nothing of the other. A question is on the subject in the collection that holds its article, and off it in the
other; no question is used twice.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from basicchat import bootstrap
from basicchat.core.types import Chunk, Document, Hit, Query, Scope
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, scratch_settings

Half = Literal["fitting", "reporting"]
Kind = Literal["answerable", "unanswerable", "off the subject"]
HALVES: tuple[Half, ...] = ("fitting", "reporting")
KINDS: tuple[Kind, ...] = ("answerable", "unanswerable", "off the subject")
BLOCK = 30  # of an article's answerable questions, every second block of three is asked off the subject
MOST = {"answerable": 60, "unanswerable": 60, "off the subject": 30}
"""Questions of one article of each kind, at most."""
TOP = 8
SEED = 7

Row = dict[str, Any]
Dealt = tuple[Half, Kind, str, int, Row]
"""Half, kind, article, rank among those of its kind and article, and the question."""


@dataclass(frozen=True)
class Case:
    """A question of one kind, asked in one half, and what the product finds: texts, scores, and ids of passages.

    ``rank`` counts the questions of its kind and article. ``gold`` is the id of the passage that the question was
    written for; ``answers`` are none where it has no answer.
    """

    half: Half
    kind: Kind
    article: str
    rank: int
    question: str
    gold: str
    answers: list[str]
    texts: list[str]
    scores: list[dict[str, float]]
    found: list[str]

    @property
    def hits(self) -> list[Hit]:
        """What was found, as the product has it."""
        return [
            Hit(
                Chunk(f"c{place}", name, place, 1, 0, len(text), text),
                _document(name),
                scores.get("fused", 0.0),
                scores,
            )
            for place, (name, text, scores) in enumerate(zip(self.found, self.texts, self.scores, strict=True))
        ]


def _document(name: str) -> Document:
    return Document(name, "default", "passages.jsonl", "", "application/jsonl", name, 1, 1, 0.0)


def collected(file: Path | None = None) -> list[Case]:
    """Every case. Those that ``file`` holds are read; the others are searched for and added to it, one by one."""
    dealt = list(deal())
    kept = {(case.half, case.question): case for case in read(file)}
    missing = [each for each in dealt if (each[0], each[-1]["question"]) not in kept]
    if missing:
        with scratch_settings() as settings:
            # with time enough: the same order on a busy machine
            patient = settings.retrieve.model_copy(update={"rerank_seconds": 60.0})
            for case in _searched(settings.model_copy(update={"retrieve": patient}), missing):
                kept[case.half, case.question] = case
                _add(file, case)
    return [kept[half, row["question"]] for half, *_, row in dealt]


def read(file: Path | None) -> list[Case]:
    """The cases that a file holds."""
    if file is None or not file.is_file():
        return []
    return [Case(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _add(file: Path | None, case: Case) -> None:
    if file is not None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(case)) + "\n")


def deal() -> Iterator[Dealt]:
    """Every question that is asked, in a mixed order that is always the same."""
    passages, questions = _sources()
    article_of = {passage["_id"]: passage["title"] for passage in passages}
    dealt: list[Dealt] = []
    for number, title in enumerate(sorted(set(article_of.values()))):
        own = [each for each in questions if article_of[each["passage_id"]] == title]
        mixed = random.Random(SEED).sample(own, len(own))  # noqa: S311 - no secret
        answerable = [row for row in mixed if not row["is_impossible"]]
        taken: dict[Kind, list[Row]] = {
            "answerable": [row for place, row in enumerate(answerable) if place // BLOCK % 3 != 1],
            "unanswerable": [row for row in mixed if row["is_impossible"]],
            "off the subject": [row for place, row in enumerate(answerable) if place // BLOCK % 3 == 1],
        }
        for kind in KINDS:
            half = HALVES[(number + (kind == "off the subject")) % 2]
            dealt += [(half, kind, title, rank, row) for rank, row in enumerate(taken[kind][: MOST[kind]])]
    yield from random.Random(SEED).sample(dealt, len(dealt))  # noqa: S311 - no secret


def _sources() -> tuple[list[Row], list[Row]]:
    folder = evaluation_set("squad2")
    return rows(folder / "passages.jsonl.gz"), rows(folder / "questions.jsonl.gz")


def rows(file: Path) -> list[Row]:
    """The objects of a file ``.jsonl.gz``."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _searched(settings: Settings, dealt: Sequence[Dealt]) -> Iterator[Case]:
    passages, _ = _sources()
    titles = sorted({passage["title"] for passage in passages})
    with bootstrap.open_assistant(settings) as assistant:
        for number, half in enumerate(HALVES):
            own = [passage for passage in passages if passage["title"] in titles[number::2]]
            _ingest(assistant, own, half, settings.home)
        for half, kind, title, rank, row in dealt:
            hits = assistant.retriever.search(Query(row["question"], Scope(half), TOP)).hits
            yield Case(
                half,
                kind,
                title,
                rank,
                row["question"],
                row["passage_id"],
                [answer["text"] for answer in row["answers"]],
                [hit.chunk.text for hit in hits],
                [dict(hit.scores) for hit in hits],
                [hit.document.external_id or "" for hit in hits],
            )


def _ingest(assistant: Assistant, passages: Sequence[Row], half: str, folder: Path) -> None:
    file = folder / f"{half}.jsonl"
    file.write_text("".join(json.dumps(passage) + "\n" for passage in passages), encoding="utf-8")
    (outcome,) = assistant.ingest([file], collection=half)
    if outcome.error:
        sys.exit(f"The passages could not be taken in: {outcome.error}")
