"""``eval retrieval``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Cli


def test_a_small_set(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Owls", "text": "Owls hunt at night."}\n'
        '{"_id": "d2", "title": "Bees", "text": "Bees make honey in summer."}\n'
    )
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "Who makes honey?"}\n')
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\n")
    ran = cli("eval", "retrieval", folder, "--json")
    assert ran.code == 0
    assert ran.document["ndcg@10"] == 1.0
    assert {"recall@10", "recall@100", "mrr@10", "documents_per_second", "query_ms_p50", "query_ms_p95"} <= set(
        ran.document
    )
    assert cli("library", "list", "--json").document["documents"] == []


def test_a_folder_that_is_no_such_set(cli: Cli, tmp_path: Path) -> None:
    ran = cli("eval", "retrieval", tmp_path, "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "invalid-input"
