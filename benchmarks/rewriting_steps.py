"""What further steps before the search are worth: parts of compound questions, further words, an imagined passage.

Ranked as the product does without the reranker, so that the figures repeat. HotpotQA-100: every question. SQuAD2:
every twentieth answerable one. SciFact: every eighth training claim that cites an abstract, over the abstracts that
those claims cite and every fourth of the others. Nothing is fitted here. ``--model NAME`` adds imagined passages, on 40
questions of each.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from basicchat import bootstrap
from basicchat.bootstrap import parts as build
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Query, Scope
from basicchat.reason.rewrite.by_model import imagined
from basicchat.reason.rewrite.expand import expanded
from basicchat.reason.rewrite.parts import parts
from basicchat.reason.rewrite.together import joined, search_together
from basicchat.resilience.deadline import Deadline
from basicchat.retrieve.pipeline import Retrieval
from basicchat.service.assistant import Assistant
from benchmarks.table import evaluation_set, print_table, scratch_settings

DEPTH = 30
EVERY_QUESTION = 20  # of SQuAD2
EVERY_CLAIM, EVERY_ABSTRACT = 8, 4  # of SciFact
MODEL_QUESTIONS = 40
SETS = ("hotpotqa100", "squad2", "scifact")

Row = Mapping[str, str]
Search = Callable[[str], Retrieval]


@dataclass(frozen=True)
class Case:
    """A question and the passages that are to be found."""

    question: str
    gold: frozenset[str]


def main() -> None:
    """Ingest each set, ask with every step, print a table each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--model", default="")
    arguments.add_argument("--sets", nargs="*", default=SETS, choices=SETS)
    chosen = arguments.parse_args()
    for name in chosen.sets:
        passages, cases = READERS[name](evaluation_set(name))
        with scratch_settings() as settings:
            models = settings.models.model_copy(update={"reranker": ""})
            server = build.embedded_server(settings, bootstrap.model_files(settings))
            with bootstrap.open_assistant(settings.model_copy(update={"models": models})) as assistant:
                search = searching(assistant, passages, settings.home)
                model = server.chat_model(chosen.model) if chosen.model else None
                try:
                    report(name, cases, search, model)
                finally:
                    server.close()


def report(name: str, cases: Sequence[Case], search: Search, model: ChatModel | None) -> None:
    """A row for each step; parts only where a question comes apart."""
    compound = [case for case in cases if len(parts(case.question)) > 1]
    rows = [_row("question alone", cases, search), _row("further words", cases, _with_words(search))]
    if compound:
        rows.append(_row("compound questions alone", compound, search))
        rows.append(_row("their parts alone", compound, lambda text: search_together(search, parts(text))))
        rows.append(_row("with their parts", compound, lambda text: search_together(search, (text, *parts(text)))))
    if model:
        few = cases[:: max(1, len(cases) // MODEL_QUESTIONS)][:MODEL_QUESTIONS]
        rows.append(_row("question alone", few, search))
        rows.append(_row("imagined passage too", few, _with_passage(search, model)))
    print_table(f"Steps before the search: {name}", ("step", "questions", "hit@1", "all in 5", "nDCG@10"), rows)


def _row(name: str, cases: Sequence[Case], search: Search) -> tuple[object, ...]:
    found = []
    for case in cases:
        hits = search(case.question).hits
        found.append(list(dict.fromkeys(hit.document.external_id or "" for hit in hits)))
    first = statistics.fmean(ranking[0] in case.gold for ranking, case in zip(found, cases, strict=True))
    five = statistics.fmean(case.gold <= set(ranking[:5]) for ranking, case in zip(found, cases, strict=True))
    gain = statistics.fmean(ndcg(ranking, case.gold) for ranking, case in zip(found, cases, strict=True))
    return (name, len(cases), f"{first:.3f}", f"{five:.3f}", f"{gain:.3f}")


def ndcg(ranking: Sequence[str], gold: frozenset[str]) -> float:
    """The nDCG of the first ten with one grade of relevance."""
    gained = sum(1 / math.log2(rank + 2) for rank, name in enumerate(ranking[:10]) if name in gold)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(10, len(gold))))


def _with_words(search: Search) -> Search:
    def searched(text: str) -> Retrieval:
        first = search(text)
        further = expanded(text, [hit.chunk.text for hit in first.hits])
        return joined([first, search(further)]) if further != text else first

    return searched


def _with_passage(search: Search, model: ChatModel) -> Search:
    def searched(text: str) -> Retrieval:
        return search_together(search, (text, f"{text} {imagined(model, text, deadline=Deadline())}"))

    return searched


def searching(assistant: Assistant, passages: Sequence[Row], folder: Path) -> Search:
    """The product's search over ``passages``, each text once."""
    file = folder / "passages.jsonl"
    file.write_text("".join(json.dumps(passage) + "\n" for passage in passages), encoding="utf-8")
    (outcome,) = assistant.ingest([file])
    if outcome.error:
        sys.exit(f"The passages could not be taken in: {outcome.error}")
    return cache(lambda text: assistant.retriever.search(Query(text, Scope(), DEPTH)))


def _lines(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _only(rows: Sequence[Row]) -> list[Row]:
    return [{key: row.get(key, "") for key in ("_id", "title", "text")} for row in rows]


def hotpotqa(folder: Path) -> tuple[list[Row], list[Case]]:
    """Two gold passages a question, by their titles."""
    rows = _lines(folder / "corpus.jsonl.gz")
    names = {row["title"]: row["_id"] for row in rows}
    cases = []
    for row in _lines(folder / "questions.jsonl.gz"):
        titles = [fact[0] for fact in row["supporting_facts"]]
        cases.append(Case(row["question"], frozenset(names[title] for title in titles)))
    return _only(rows), cases


def squad2(folder: Path) -> tuple[list[Row], list[Case]]:
    """The passage of every answerable question."""
    questions = [row for row in _lines(folder / "questions.jsonl.gz") if not row["is_impossible"]]
    cases = [Case(row["question"], frozenset({row["passage_id"]})) for row in questions]
    return _only(_lines(folder / "passages.jsonl.gz")), cases[::EVERY_QUESTION]


def scifact(folder: Path) -> tuple[list[Row], list[Case]]:
    """The training claims and the abstracts that they cite."""
    gold: dict[str, set[str]] = {}
    with (folder / "qrels" / "train.tsv").open(encoding="utf-8") as lines:
        for query, passage, score in list(csv.reader(lines, delimiter="\t"))[1:]:
            if int(score):
                gold.setdefault(query, set()).add(passage)
    rows = _lines(folder / "queries_train.jsonl.gz")
    cases = [Case(row["text"], frozenset(gold[row["_id"]])) for row in rows if row["_id"] in gold][::EVERY_CLAIM]
    cited = {name for case in cases for name in case.gold}
    corpus = _lines(folder / "corpus.jsonl.gz")
    others = [row for row in corpus if row["_id"] not in cited][::EVERY_ABSTRACT]
    return _only([row for row in corpus if row["_id"] in cited] + others), cases


READERS: Mapping[str, Callable[[Path], tuple[list[Row], list[Case]]]] = {
    "hotpotqa100": hotpotqa,
    "squad2": squad2,
    "scifact": scifact,
}

if __name__ == "__main__":
    main()
