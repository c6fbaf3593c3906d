"""How well documents are found: nDCG, recall and reciprocal rank, as trec_eval and BEIR compute them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from basicchat.core.types import Hit
from basicchat.evaluate.datasets import read_retrieval_set
from basicchat.evaluate.report import RetrievalReport

Ingest = Callable[[Path], int]
"""Takes in a corpus file through the product's own path; how many documents that were."""

Search = Callable[[str, int], Sequence[Hit]]
"""At most so many hits for a question, best first."""

DEEPEST = 100  # documents a query
CHUNKS_ASKED = 250  # chunks that usually hold a hundred documents


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """Normalised discounted cumulative gain of the first ``k``: gain is the grade, discount log2(rank + 1)."""
    gained = sum(grades.get(name, 0) / math.log2(rank + 1) for rank, name in enumerate(ranking[:k], start=1))
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    ideal = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, start=1))
    return gained / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """The share of relevant documents among the first ``k``."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """One over the rank of the first relevant document, 0 when it is not among the first ``k``."""
    ranks = (rank for rank, name in enumerate(ranking[:k], start=1) if grades.get(name, 0) > 0)
    return 1 / next(ranks, math.inf)


def collapse(hits: Sequence[Hit]) -> list[str]:
    """Documents by their best chunk, best first, under the id their author gave."""
    return list(dict.fromkeys(hit.document.external_id or hit.document.id for hit in hits))


def evaluate_retrieval(
    directory: Path,
    *,
    ingest: Ingest,
    search: Search,
    split: str = "test",
    report: Callable[[int, int], None] | None = None,
) -> RetrievalReport:
    """Ingest a corpus, ask every judged query, and score the rankings of documents.

    The time of a query is that of one search for `CHUNKS_ASKED` chunks. Where they hold fewer than `DEEPEST`
    documents, more chunks are asked for, outside the clock. ``report`` hears (queries done, queries).
    Raises `InvalidInput` for a folder that is not such a set.
    """
    judged = read_retrieval_set(directory, split=split)
    started = time.perf_counter()
    documents = ingest(judged.corpus)
    ingested = time.perf_counter() - started
    rankings: dict[str, list[str]] = {}
    seconds: list[float] = []
    for done, (query_id, text) in enumerate(judged.queries.items(), start=1):
        ranking, spent = _ask(search, text)
        rankings[query_id] = ranking
        seconds.append(spent)
        if report is not None:
            report(done, len(judged.queries))
    grades = [(rankings[query_id], judged.judgements[query_id]) for query_id in judged.queries]
    return RetrievalReport(
        ndcg_10=_mean([ndcg(ranking, graded, k=10) for ranking, graded in grades]),
        recall_10=_mean([recall(ranking, graded, k=10) for ranking, graded in grades]),
        recall_100=_mean([recall(ranking, graded, k=100) for ranking, graded in grades]),
        mrr_10=_mean([reciprocal_rank(ranking, graded, k=10) for ranking, graded in grades]),
        documents=documents,
        queries=len(judged.queries),
        documents_per_second=documents / ingested if ingested > 0 else 0.0,
        query_ms_p50=1000 * percentile(seconds, 50),
        query_ms_p95=1000 * percentile(seconds, 95),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share / 100 * len(ordered)), 1) - 1] if ordered else 0.0


def _ask(search: Search, text: str) -> tuple[list[str], float]:
    asked = CHUNKS_ASKED
    started = time.perf_counter()
    hits = search(text, asked)
    spent = time.perf_counter() - started
    ranking = collapse(hits)
    while len(ranking) < DEEPEST and len(hits) >= asked:
        asked *= 2
        hits = search(text, asked)
        ranking = collapse(hits)
    return ranking[:DEEPEST], spent


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
