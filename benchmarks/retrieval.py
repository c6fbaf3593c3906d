"""How well passages are found, on every development set, and what each step of the search is worth.

    python -m benchmarks.retrieval                    every set
    python -m benchmarks.retrieval squad2 xquad-de    some
    python -m benchmarks.retrieval --questions 200    at most so many questions of each, spread evenly
    python -m benchmarks.retrieval --homes FOLDER     keep the libraries there, to be used again

Each set is taken in by the product's own path and asked by its own search. The rows of a table leave out one step each.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from basicchat import bootstrap
from basicchat.bootstrap import parts
from basicchat.core.protocols import Reranker
from basicchat.core.types import Query
from basicchat.evaluate.asking import lay_out, names_of, page_name, source_name
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.ranking import ndcg, recall
from basicchat.evaluate.readers import read_set
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

DEEP = 100
"""Hits asked for: as many as each ranking gives a question of a reader."""

Measure = Callable[[Sequence[str], frozenset[str]], float]
"""From the names that were found, best first, and those that are right."""


def any_at(k: int) -> Measure:
    """Whether one of the first ``k`` is right."""
    return lambda found, gold: float(bool(gold & set(found[:k])))


def all_at(k: int) -> Measure:
    """Whether all that are right are among the first ``k``."""
    return lambda found, gold: float(gold <= set(found[:k]))


FIRST: Mapping[str, Measure] = {"hit@1": any_at(1), "hit@5": any_at(5)}
GRADED: Mapping[str, Measure] = {
    "nDCG@10": lambda found, gold: ndcg(found, dict.fromkeys(gold, 1), k=10),
    "recall@10": lambda found, gold: recall(found, dict.fromkeys(gold, 1), k=10),
}
BOTH: Mapping[str, Measure] = {"both@5": all_at(5), "both@10": all_at(10), "one@1": any_at(1)}

SETS: Mapping[str, tuple[str, str, Mapping[str, Measure]]] = {
    "squad2": ("squad2", "squad2", FIRST),
    "xquad-en": ("xquad:en", "xquad", FIRST),
    "xquad-de": ("xquad:de", "xquad", FIRST),
    "xquad-es": ("xquad:es", "xquad", FIRST),
    "xquad-zh": ("xquad:zh", "xquad", FIRST),
    "xquad-de-en": ("xquad:de:en", "xquad", FIRST),
    "xquad-es-en": ("xquad:es:en", "xquad", FIRST),
    "xquad-zh-en": ("xquad:zh:en", "xquad", FIRST),
    "hotpotqa": ("hotpotqa", "hotpotqa100", BOTH),
    "financebench": ("financebench", "financebench", {**FIRST, "hit@20": any_at(20)}),
    "scifact": ("beir", "scifact", GRADED),
}
"""By what they are called here: how they are read, where they lie, and what is measured."""


def steps(config: RetrieveConfig) -> Iterator[tuple[str, RetrieveConfig]]:
    """The search as it is, then without one step at a time, then the rankings by themselves."""
    bare = replace(config, rerank_top=0, link_lift=0.0)
    weights = config.weights
    yield "as it is", config
    yield "without reranking", replace(config, rerank_top=0)
    yield "without links", replace(config, link_lift=0.0)
    yield "without names of documents", replace(config, weights=replace(weights, name=0.0))
    yield "without phrases", replace(config, weights=replace(weights, phrase=0.0))
    yield "words always in full", replace(config, weights=replace(weights, coverage_power=0.0))
    yield "language not told", replace(config, english=())
    yield "scores alone", bare
    yield "ranks alone", replace(bare, fusion="ranks")
    yield "meaning alone", replace(bare, fusion="meaning")
    yield "words alone", replace(bare, fusion="words")


class Remembering:
    """A reranker that reads the same pair once, so that leaving out a step costs no second reading."""

    def __init__(self, inner: Reranker) -> None:
        self.name = inner.name
        self._inner = inner
        self._known: dict[tuple[str, str], float] = {}

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """What the other one says, however long it takes."""
        new = [text for text in dict.fromkeys(passages) if (query, text) not in self._known]
        for text, logit in zip(new, self._inner.score(query, new), strict=True):
            self._known[query, text] = logit
        return [self._known[query, text] for text in passages]


def measure(
    settings: Settings, assistant: Assistant, evaluation: EvaluationSet, measures: Mapping[str, Measure]
) -> list[tuple[object, ...]]:
    """A row for each way to search."""
    config = replace(parts.retrieve_config(settings), rerank_seconds=None)
    reader = parts.reranker(settings)
    reranker = None if reader is None else Remembering(reader)
    name = page_name if evaluation.by_page else source_name

    def found(retriever: Retriever, question: Question) -> tuple[str, ...]:
        return names_of(retriever.search(Query(question.text, top_k=DEEP)).hits, name)

    rows: list[tuple[object, ...]] = []
    for step, chosen in steps(config):
        retriever = assistant.retriever.varied(config=chosen, reranker=reranker)
        pairs = [(found(retriever, each), frozenset(each.gold)) for each in evaluation.questions]
        means = [sum(score(*pair) for pair in pairs) / len(pairs) for score in measures.values()]
        rows.append((step, *(f"{mean:.3f}" for mean in means), len(pairs)))
    return rows


@contextmanager
def library(name: str, homes: Path | None) -> Iterator[tuple[Settings, Assistant]]:
    """A library for one set, new or kept from before."""
    with scratch_settings() as scratch:
        settings = scratch if homes is None else scratch.model_copy(update={"home": homes / name})
        with bootstrap.open_assistant(settings, doing="benchmark") as assistant:
            yield settings, assistant


def take_in(assistant: Assistant, evaluation: EvaluationSet) -> None:
    """All that the questions are about, unless the library has it."""
    with tempfile.TemporaryDirectory(prefix="basicchat-set-") as folder:
        for path, collection in lay_out(evaluation, Path(folder)):
            for outcome in assistant.library.ingest([path], collection=collection):
                if outcome.error:
                    raise SystemExit(f"{outcome.path}: {outcome.error}")


def main() -> None:
    """Take each set in, ask, and print its table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all when none is named")
    options.add_argument("--questions", type=int, default=0, help="at most so many of each set")
    options.add_argument("--homes", type=Path, help="where the libraries are kept")
    chosen = options.parse_args()
    for name in chosen.sets or SETS:
        kind, folder, measures = SETS[name]
        evaluation = read_set(kind, evaluation_set(folder)).answerable()
        if chosen.questions:
            evaluation = evaluation.limited(chosen.questions)
        with library(name, chosen.homes) as (settings, assistant):
            if not assistant.library.documents():
                take_in(assistant, evaluation)
            print_table(name, ("search", *measures, "questions"), measure(settings, assistant, evaluation, measures))


if __name__ == "__main__":
    main()
