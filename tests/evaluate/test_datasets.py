"""Reading evaluation sets."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.datasets import read_retrieval_set


def folder(tmp_path: Path, *, queries: str = '{"_id": "1", "text": "why"}', qrels: str = "1\td\t1\n") -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}", encoding="utf-8")
    (tmp_path / "corpus.jsonl.gz").write_bytes(gzip.compress(b'{"_id": "d", "text": "because"}\n'))
    (tmp_path / "queries_test.jsonl.gz").write_bytes(gzip.compress(queries.encode()))
    return tmp_path


def test_gzipped_files_and_the_split_are_found(tmp_path: Path) -> None:
    judged = read_retrieval_set(folder(tmp_path))
    assert judged.corpus.name == "corpus.jsonl.gz"
    assert judged.queries == {"1": "why"}
    assert judged.judgements == {"1": {"d": 1}}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        read_retrieval_set(tmp_path / "none")
    with pytest.raises(InvalidInput, match=r"qrels/test\.tsv"):
        read_retrieval_set(tmp_path)
    with pytest.raises(InvalidInput, match=r"qrels/train\.tsv"):
        read_retrieval_set(folder(tmp_path), split="train")


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 2 is not JSON"):
        read_retrieval_set(folder(tmp_path, queries='{"_id": "1", "text": "why"}\n{'))


def test_bad_judgements_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 2 is not query, document, grade"):
        read_retrieval_set(folder(tmp_path, qrels="1\td\n"))


@pytest.mark.evals
def test_scifact_has_what_its_description_says(evals: Path) -> None:
    judged = read_retrieval_set(evals / "scifact")
    assert len(judged.queries) == 300
    assert sum(map(len, judged.judgements.values())) == 339
