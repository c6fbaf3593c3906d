"""Documents are judged by their best chunk, over all judged queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from basicchat.core.types import Chunk, Document, Hit
from basicchat.evaluate.retrieval import collapse, evaluate_retrieval, percentile


def hit(name: str, chunk: int = 0) -> Hit:
    document = Document(name, "default", name, name, "text/plain", name, 1, 1, 0.0, external_id=name)
    return Hit(Chunk(f"{name}-{chunk}", name, chunk, 1, 0, 4, "text"), document, 1.0)


def test_a_document_counts_once_where_its_best_chunk_stands() -> None:
    assert collapse([hit("b", 1), hit("a"), hit("b"), hit("c")]) == ["b", "a", "c"]


def test_percentile_takes_the_nearest_rank() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 95) == 4.0
    assert percentile([], 50) == 0.0


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ta\t1\nq2\tb\t1\n", encoding="utf-8")
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "text": "one"}\n', encoding="utf-8")
    queries = [{"_id": "q1", "text": "first"}, {"_id": "q2", "text": "second"}, {"_id": "q3", "text": "not judged"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    return tmp_path


def test_the_report_averages_over_judged_queries(small_set: Path) -> None:
    answers = {"first": [hit("a")], "second": [hit("a"), hit("b")]}
    report = evaluate_retrieval(small_set, ingest=lambda path: 2, search=lambda text, top_k: answers[text])
    assert report.queries == 2
    assert report.documents == 2
    assert report.mrr_10 == pytest.approx(0.75)
    assert report.recall_10 == 1.0
    assert set(report.as_json()) >= {"ndcg@10", "recall@10", "recall@100", "mrr@10", "documents_per_second"}
    assert "ndcg@10" in report.table()


def test_more_chunks_are_asked_for_when_they_hold_too_few_documents(small_set: Path) -> None:
    asked: list[int] = []

    def search(text: str, top_k: int) -> Sequence[Hit]:
        asked.append(top_k)
        return [hit(f"d{number // 5}", number) for number in range(min(top_k, 400))]

    evaluate_retrieval(small_set, ingest=lambda path: 80, search=search)
    assert asked == [250, 500, 250, 500]
