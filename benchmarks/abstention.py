"""How often the gate before the model declines: rightly, on questions off the subject, and wrongly.

The articles of the SQuAD2 developers' half are dealt into two halves, each a collection of its own. One half is for
choosing the constants of `basicchat.reason.abstain.Gate`, the other for reporting. A question is on the subject in
the collection that holds its article, and off it in the other; no question is used twice.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from basicchat import bootstrap
from basicchat.core.types import Query, Scope
from basicchat.reason.abstain import Evidence, Gate, enough, measure
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

EACH = 30  # questions of an article, of each kind
KINDS = ("answerable", "unanswerable", "off the subject")
HALVES = ("fitting", "reporting")
SEED = 7

Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A question of one kind, asked in one half."""

    half: str
    kind: str
    question: str
    evidence: Evidence


def main() -> None:
    """Ingest both halves, ask, print what the gate does with each kind."""
    with scratch_settings() as settings:
        cases = list(collect(settings))
    report(cases, Gate())


def report(cases: Sequence[Case], gate: Gate) -> None:
    """A row for each half, kind and set of measures: all there are, and without the reranker's."""
    rows = []
    for half in HALVES:
        for kind in KINDS:
            found = [case.evidence for case in cases if (case.half, case.kind) == (half, kind)]
            blind = [Evidence(None, evidence.dense, evidence.coverage) for evidence in found]
            declined = [sum(not enough(evidence, gate) for evidence in each) for each in (found, blind)]
            rows.append((half, kind, len(found), *declined, *(count / len(found) for count in declined)))
    header = ("articles", "questions", "asked", "declined", "declined without reranker", "share", "share without")
    print_table("The gate before the model", header, rows)


def collect(settings: Settings) -> Iterator[Case]:
    """Ingest both halves and measure the evidence of every question."""
    folder = evaluation_set("squad2")
    passages, questions = _rows(folder / "passages.jsonl.gz"), _rows(folder / "questions.jsonl.gz")
    article_of = {passage["_id"]: passage["title"] for passage in passages}
    titles = sorted(set(article_of.values()))
    with bootstrap.open_assistant(settings) as assistant:
        for number, half in enumerate(HALVES):
            own = [passage for passage in passages if passage["title"] in titles[number::2]]
            _ingest(assistant, own, half, settings.home)
        search(assistant, "What is this about?", HALVES[0])  # loads the models
        for title in titles:
            own_half = HALVES[titles.index(title) % 2]
            for kind, question in _dealt([each for each in questions if article_of[each["passage_id"]] == title]):
                half = own_half if kind != KINDS[2] else next(name for name in HALVES if name != own_half)
                yield Case(half, kind, question, search(assistant, question, half))


def search(assistant: Assistant, question: str, half: str) -> Evidence:
    """The evidence that the product finds for a question."""
    return measure(question, assistant.retriever.search(Query(question, Scope(half), 8)).hits)


def _dealt(questions: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Questions of one article by kind; those off the subject are answerable ones that are not used otherwise."""
    mixed = random.Random(SEED).sample(list(questions), len(questions))  # noqa: S311 - no secret
    answerable = [row["question"] for row in mixed if not row["is_impossible"]]
    unanswerable = [row["question"] for row in mixed if row["is_impossible"]]
    taken = (answerable[:EACH], unanswerable[:EACH], answerable[EACH : 2 * EACH])
    for kind, texts in zip(KINDS, taken, strict=True):
        yield from ((kind, text) for text in texts)


def _ingest(assistant: Assistant, passages: Sequence[Row], half: str, folder: Path) -> None:
    file = folder / f"{half}.jsonl"
    file.write_text("".join(json.dumps(passage) + "\n" for passage in passages), encoding="utf-8")
    (outcome,) = assistant.ingest([file], collection=half)
    if outcome.error:
        sys.exit(f"The passages could not be taken in: {outcome.error}")


def _rows(file: Path) -> list[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
