"""``ingest``."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.cli.conftest import Cli

FIELDS = {"path", "status", "document_id", "pages", "chunks", "warnings", "error"}


def test_a_folder(cli: Cli, notes: Path) -> None:
    ran = cli("ingest", notes, "--json")
    assert ran.code == 0
    assert [set(file) for file in ran.document["files"]] == [FIELDS, FIELDS]
    assert {file["status"] for file in ran.document["files"]} == {"done"}
    assert {Path(file["path"]).name for file in ran.document["files"]} == {"ferry.md", "bread.txt"}


def test_twice_is_once(filled: Cli, notes: Path) -> None:
    ran = filled("ingest", notes, "--json")
    assert ran.code == 0
    assert {file["status"] for file in ran.document["files"]} == {"unchanged"}


def test_records(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"_id": "d1", "title": "One", "text": "Owls hunt at night."}\n'))
    assert cli("ingest", file, "--json").document["files"][0]["status"] == "done"
    assert cli("library", "list", "--json").document["documents"][0]["external_id"] == "d1"


def test_one_bad_file_does_not_sink_the_others(cli: Cli, notes: Path) -> None:
    (notes / "broken.pdf").write_bytes(b"%PDF-1.7 this is no such thing")
    ran = cli("ingest", notes, "--json")
    assert ran.code == 0
    failed = [file for file in ran.document["files"] if file["status"] == "failed"]
    assert [Path(file["path"]).name for file in failed] == ["broken.pdf"]
    assert failed[0]["error"]


def test_nothing_taken_in_is_a_user_error(cli: Cli, tmp_path: Path) -> None:
    ran = cli("ingest", tmp_path / "absent.pdf", "--json")
    assert ran.code == 2
    assert ran.document["files"][0]["status"] == "failed"


def test_an_empty_folder_holds_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("ingest", tmp_path / "empty").code == 3


def test_for_people(cli: Cli, notes: Path) -> None:
    ran = cli("ingest", notes / "ferry.md")
    assert ran.out.startswith("done")
    assert "1 page, 1 passage" in ran.out


def test_collections_are_apart(filled: Cli, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Kites need wind.", encoding="utf-8")
    filled("ingest", other, "--collection", "toys")
    assert len(filled("library", "list", "--collection", "toys", "--json").document["documents"]) == 1
    hits = filled("search", "kites wind", "--collection", "toys", "--json").document["hits"]
    assert [hit["text"] for hit in hits] == ["Kites need wind."]
