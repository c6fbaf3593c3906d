"""``eval``: ``run``, ``compare``, ``report`` and ``retrieval``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from basicchat.bootstrap.settings_file import read
from tests.cli.conftest import Cli
from tests.service.test_quality import write_notes


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


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    folder = tmp_path / "squad"
    folder.mkdir()
    passages = [
        {"_id": "owls", "title": "Owls", "text": "Owls hunt mice at night in the barn."},
        {"_id": "bees", "title": "Bees", "text": "Bees make honey in summer from clover."},
    ]
    asked = [
        {"_id": "1", "question": "What do bees make in summer?", "passage_id": "bees", "answers": [{"text": "honey"}]},
        {"_id": "2", "question": "Who repairs bicycles?", "passage_id": "owls", "answers": [], "is_impossible": True},
    ]
    (folder / "passages.jsonl").write_text("\n".join(map(json.dumps, passages)), encoding="utf-8")
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    return folder


def test_a_run_of_searches(cli: Cli, squad: Path, tmp_path: Path) -> None:
    ran = cli("eval", "run", "squad2", squad, "--out", tmp_path / "a.jsonl", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["questions"] == 2
    assert cli("eval", "run", "squad2", squad, "--answerable", "--json").document["questions"] == 1
    assert ran.document["measures"]["hit@5"]["value"] == 1
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["ranks"] for line in lines][:1] == [[1]]
    assert cli("library", "list", "--json").document["documents"] == []


def test_runs_of_answers_are_compared_and_reported(cli: Cli, squad: Path, tmp_path: Path) -> None:
    first, second, page = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "report.html"
    ran = cli("eval", "run", "squad2", squad, "--mode", "extractive", "--out", first)
    assert ran.code == 0, ran.err
    assert "balanced" in ran.out
    assert cli("eval", "run", "squad2", squad, "--mode", "direct", "--limit", "1", "--out", second).code == 0
    compared = cli("eval", "compare", first, second, "--json")
    assert compared.code == 0, compared.err
    assert compared.document["measures"]["hit@1"]["count"] == 1
    assert "B - A" in cli("eval", "compare", first, second).out
    assert cli("eval", "report", first, second, "--html", page).code == 0
    assert "What do bees make" in page.read_text(encoding="utf-8") or "Who repairs" in page.read_text(encoding="utf-8")


def test_pages_of_files_are_found(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "filings"
    (folder / "pdfs").mkdir(parents=True)
    document = canvas.Canvas(str(folder / "pdfs" / "OWLS.pdf"))
    for text in ("A page about bread and butter.", "Owls hunt mice at night."):
        document.drawString(72, 700, text)
        document.showPage()
    document.save()
    evidence = [{"doc_name": "OWLS", "evidence_page_num": 1}]
    asked = {
        "financebench_id": "1",
        "question": "What do owls hunt?",
        "answer": "mice",
        "company": "O",
        "evidence": evidence,
    }
    (folder / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    ran = cli("eval", "run", "financebench", folder, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["measures"]["hit@1"]["value"] == 1


@pytest.mark.parametrize("kind", ["sonnets", "hotpotqa"])
def test_a_set_that_is_none_ends_before_anything_is_opened(cli: Cli, squad: Path, kind: str) -> None:
    ran = cli("eval", "run", kind, squad, "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "invalid-input"


def test_a_file_that_is_no_run_is_told(cli: Cli, squad: Path, tmp_path: Path) -> None:
    ran = cli("eval", "compare", squad / "passages.jsonl", squad / "passages.jsonl", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "invalid-input")
    assert cli("eval", "report", squad / "passages.jsonl", "--html", tmp_path / "r.html").code == 2


def test_questions_from_ones_own_passages(filled: Cli, tmp_path: Path) -> None:
    ran = filled("eval", "corpus", "--questions", "5", "--out", tmp_path / "own.jsonl", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["measures"]["hit@1"]["value"] == 1
    assert "upper bound" in ran.err
    assert ran.document["checkup"]["answers"]["given"] >= 1
    assert ran.document["checkup"]["small"] is True
    assert ran.document["applied"] == {}
    assert len((tmp_path / "own.jsonl").read_text(encoding="utf-8").splitlines()) == ran.document["questions"]
    said = filled("eval", "corpus", "--questions", "5").out
    assert "found first" in said
    assert "too small to compare" in said


def test_a_proposal_is_applied_and_undone(cli: Cli, notes: Path, tmp_path: Path) -> None:
    write_notes(notes)
    (tmp_path / "home").mkdir()
    file = tmp_path / "home" / "settings.toml"
    file.write_text('[retrieve]\nfusion = "meaning"\nrerank_top = 0\n', encoding="utf-8")
    before = read(file)["retrieve"]
    assert cli("ingest", notes).code == 0
    ran = cli("eval", "corpus", "--questions", "40", "--apply", "--json")
    assert ran.code == 0, ran.err
    proposal = ran.document["checkup"]["proposal"]
    assert proposal["gain"] == "finds more"
    assert ran.document["applied"] == proposal["changes"]
    assert read(file)["retrieve"] != before
    assert "Taken back" in cli("eval", "corpus", "--undo").out
    assert read(file)["retrieve"] == before
    assert cli("eval", "corpus", "--undo").code == 2


def test_an_empty_library_has_nothing_to_ask_about(cli: Cli) -> None:
    assert cli("eval", "corpus").code == 3
