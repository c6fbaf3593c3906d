"""Our metrics agree with ir-measures, and documents are judged by their best chunk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from basicchat.core.types import Chunk, Document, Hit
from basicchat.evaluate.retrieval import collapse, evaluate_retrieval, ndcg, percentile, recall, reciprocal_rank

names = st.sampled_from([f"d{number}" for number in range(15)])


def hit(name: str, chunk: int = 0) -> Hit:
    document = Document(name, "default", name, name, "text/plain", name, 1, 1, 0.0, external_id=name)
    return Hit(Chunk(f"{name}-{chunk}", name, chunk, 1, 0, 4, "text"), document, 1.0)


@given(st.lists(names, unique=True), st.dictionaries(names, st.integers(0, 3), min_size=1))
def test_metrics_agree_with_ir_measures(ranking: list[str], grades: dict[str, int]) -> None:
    if not any(grades.values()):
        return
    measures = [nDCG @ 10, R @ 10, R @ 100, RR @ 10]
    run = {"q": {name: float(len(ranking) - place) for place, name in enumerate(ranking)}} if ranking else {}
    theirs = ir_measures.calc_aggregate(measures, {"q": grades}, run)
    assert ndcg(ranking, grades, k=10) == pytest.approx(theirs[nDCG @ 10])
    assert recall(ranking, grades, k=10) == pytest.approx(theirs[R @ 10])
    assert recall(ranking, grades, k=100) == pytest.approx(theirs[R @ 100])
    assert reciprocal_rank(ranking, grades, k=10) == pytest.approx(theirs[RR @ 10])


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
