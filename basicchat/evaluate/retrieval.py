"""How well documents are found: nDCG, recall and reciprocal rank over a set in the layout of BEIR."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from basicchat.core.types import Hit
from basicchat.evaluate.datasets import read_retrieval_set
from basicchat.evaluate.ranking import ndcg, recall, reciprocal_rank
from basicchat.evaluate.report import RetrievalReport

Ingest = Callable[[Path], int]
"""Takes in a corpus file through the product's own path; how many documents that were."""

Search = Callable[[str, int], Sequence[Hit]]
"""At most so many hits for a question, best first."""

DEEPEST = 100  # documents a query
CHUNKS_ASKED = 250  # chunks that usually hold a hundred documents


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
