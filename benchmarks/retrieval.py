"""How well passages are found, on every development set, and what each step of the search is worth.

    python -m benchmarks.retrieval                    every set
    python -m benchmarks.retrieval squad2 xquad-de    some
    python -m benchmarks.retrieval --questions 200    at most so many questions of each, spread evenly
    python -m benchmarks.retrieval --homes FOLDER     keep the libraries there, to be used again

Each set is taken in by the product's own path and asked by its own search. The rows of a table leave out one step each.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from basicchat import bootstrap
from basicchat.bootstrap import parts
from basicchat.core.types import Hit, Query
from basicchat.evaluate.ranking import ndcg, recall
from basicchat.evaluate.retrieval import collapse
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

DEEP = 250
"""Hits asked for."""


@dataclass(frozen=True)
class Asked:
    """A question and the names of what answers it: all of them have to be found."""

    text: str
    gold: frozenset[str]


@dataclass(frozen=True)
class Task:
    """A set: files to take in, questions, the measures, and how a hit is named."""

    files: Sequence[Path]
    asked: Sequence[Asked]
    measures: Mapping[str, Callable[[Sequence[str], frozenset[str]], float]]
    names: Callable[[Sequence[Hit]], list[str]] = collapse


def any_at(k: int) -> Callable[[Sequence[str], frozenset[str]], float]:
    """Whether one of the first ``k`` is right."""
    return lambda found, gold: float(bool(gold & set(found[:k])))


def all_at(k: int) -> Callable[[Sequence[str], frozenset[str]], float]:
    """Whether all that are right are among the first ``k``."""
    return lambda found, gold: float(gold <= set(found[:k]))


HITS = {"hit@1": any_at(1), "hit@5": any_at(5)}
GRADED: Mapping[str, Callable[[Sequence[str], frozenset[str]], float]] = {
    "nDCG@10": lambda found, gold: ndcg(found, dict.fromkeys(gold, 1), k=10),
    "recall@10": lambda found, gold: recall(found, dict.fromkeys(gold, 1), k=10),
}


def records(path: Path) -> list[dict[str, Any]]:
    """The lines of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def passages_of(folder: Path) -> Task:
    """SQuAD2 and XQuAD: each answerable question belongs to one passage."""
    asked = [
        Asked(record["question"], frozenset({str(record["passage_id"])}))
        for record in records(folder / "questions.jsonl.gz")
        if not record.get("is_impossible")
    ]
    return Task([folder / "passages.jsonl.gz"], asked, HITS)


def scifact() -> Task:
    """Claims and the abstracts that speak of them."""
    folder = evaluation_set("scifact")
    gold: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            gold.setdefault(query, set()).add(document)
    texts = {str(record["_id"]): str(record["text"]) for record in records(folder / "queries_test.jsonl.gz")}
    asked = [Asked(texts[query], frozenset(names)) for query, names in gold.items()]
    return Task([folder / "corpus.jsonl.gz"], asked, GRADED)


def hotpotqa() -> Task:
    """Questions that two articles answer together."""
    folder = evaluation_set("hotpotqa100")
    by_title: dict[str, str] = {}
    for record in records(folder / "corpus.jsonl.gz"):
        by_title.setdefault(record["title"], str(record["_id"]))
    asked = [
        Asked(record["question"], frozenset(by_title[title] for title, _ in record["supporting_facts"]))
        for record in records(folder / "questions.jsonl.gz")
    ]
    return Task([folder / "corpus.jsonl.gz"], asked, {"both@5": all_at(5), "both@10": all_at(10), "one@1": any_at(1)})


def financebench() -> Task:
    """Questions about real filings, all in one library, and the page that answers."""
    folder = evaluation_set("financebench")
    asked = [
        Asked(
            record["question"],
            frozenset(f"{each['doc_name']} {each['evidence_page_num'] + 1}" for each in record["evidence"]),
        )
        for record in records(folder / "questions.jsonl.gz")
    ]
    files = sorted((folder / "pdfs").glob("*.pdf"))
    return Task(files, asked, HITS | {"hit@20": any_at(20)}, pages)


def pages(hits: Sequence[Hit]) -> list[str]:
    """Pages by their best chunk: the file's name and the page's number."""
    return list(dict.fromkeys(f"{Path(hit.document.source).stem} {hit.chunk.page}" for hit in hits))


SETS: Mapping[str, Callable[[], Task]] = {
    "squad2": lambda: passages_of(evaluation_set("squad2")),
    "xquad-en": lambda: passages_of(evaluation_set("xquad") / "en"),
    "xquad-de": lambda: passages_of(evaluation_set("xquad") / "de"),
    "xquad-es": lambda: passages_of(evaluation_set("xquad") / "es"),
    "xquad-zh": lambda: passages_of(evaluation_set("xquad") / "zh"),
    "hotpotqa": hotpotqa,
    "financebench": financebench,
    "scifact": scifact,
}


def steps(config: RetrieveConfig) -> Iterator[tuple[str, RetrieveConfig]]:
    """The search as it is, then without one step at a time, then the rankings by themselves."""
    bare = replace(config, rerank_top=0, link_lift=0.0)
    weights = config.weights
    yield "as it is", config
    yield "without reranking", replace(config, rerank_top=0)
    yield "without links", replace(config, link_lift=0.0)
    yield "without names of documents", replace(config, weights=replace(weights, name=0.0))
    yield "words always in full", replace(config, weights=replace(weights, coverage_power=0.0))
    yield "language not told", replace(config, english_embedder=False, english_reranker=False)
    yield "scores alone", bare
    yield "ranks alone", replace(bare, fusion="ranks")
    yield "meaning alone", replace(bare, fusion="meaning")
    yield "words alone", replace(bare, fusion="words")


class Remembering:
    """A reranker that reads the same pair once, so that leaving out a step costs no second reading."""

    def __init__(self, inner: Any) -> None:
        self.name = inner.name
        self._inner = inner
        self._known: dict[tuple[str, str], float] = {}

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """What the other one says."""
        new = [text for text in dict.fromkeys(passages) if (query, text) not in self._known]
        for text, logit in zip(new, self._inner.score(query, new), strict=True):
            self._known[query, text] = logit
        return [self._known[query, text] for text in passages]


def measure(settings: Settings, assistant: Assistant, task: Task) -> list[tuple[object, ...]]:
    """A row for each way to search."""
    config = replace(parts.retrieve_config(settings), rerank_seconds=None)
    reader = parts.reranker(settings)
    reranker = None if reader is None else Remembering(reader)
    rows: list[tuple[object, ...]] = []
    for name, chosen in steps(config):
        retriever = assistant.retriever.varied(config=chosen, reranker=reranker)
        found = [_found(retriever, each, task) for each in task.asked]
        means = [
            sum(score(names, each.gold) for names, each in zip(found, task.asked, strict=True)) / len(found)
            for score in task.measures.values()
        ]
        rows.append((name, *(f"{mean:.3f}" for mean in means), len(found)))
    return rows


def _found(retriever: Retriever, asked: Asked, task: Task) -> list[str]:
    return task.names(retriever.search(Query(asked.text, top_k=DEEP)).hits)


@contextmanager
def library(name: str, homes: Path | None) -> Iterator[tuple[Settings, Assistant]]:
    """A library for one set, new or kept from before."""
    with scratch_settings() as scratch:
        settings = scratch if homes is None else scratch.model_copy(update={"home": homes / name})
        with bootstrap.open_assistant(settings, doing="benchmark") as assistant:
            yield settings, assistant


def main() -> None:
    """Take each set in, ask, and print its table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all when none is named")
    options.add_argument("--questions", type=int, default=0, help="at most so many of each set")
    options.add_argument("--homes", type=Path, help="where the libraries are kept")
    chosen = options.parse_args()
    for name in chosen.sets or SETS:
        task = SETS[name]()
        if chosen.questions:
            task = replace(task, asked=task.asked[:: -(-len(task.asked) // chosen.questions)])
        with library(name, chosen.homes) as (settings, assistant):
            for outcome in assistant.library.ingest(task.files):
                if outcome.error:
                    raise SystemExit(f"{outcome.path}: {outcome.error}")
            print_table(name, ("search", *task.measures, "questions"), measure(settings, assistant, task))


if __name__ == "__main__":
    main()
