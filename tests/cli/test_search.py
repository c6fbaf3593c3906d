"""``search``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli

FIELDS = {"rank", "score", "document_id", "external_id", "source", "page", "place", "text"}


def test_hits(filled: Cli, notes: Path) -> None:
    ran = filled("search", "when does the ferry leave", "--json")
    assert ran.code == 0
    hits = ran.document["hits"]
    assert all(set(hit) == FIELDS for hit in hits)
    assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
    assert hits[0]["source"] == str(notes / "ferry.md")
    assert hits[0]["page"] == 1
    assert "seven" in hits[0]["text"]


def test_top_k(filled: Cli) -> None:
    assert len(filled("search", "ferry bread", "--top-k", "1", "--json").document["hits"]) == 1


def test_nothing_found(cli: Cli) -> None:
    ran = cli("search", "anything", "--json")
    assert ran.code == 3
    assert ran.document == {"hits": []}


def test_for_people(filled: Cli) -> None:
    ran = filled("search", "ferry")
    assert ran.code == 0
    assert ran.out.startswith("1. ")
    assert "page 1" in ran.out


def test_batch(filled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"_id": "a", "text": "ferry"}\n{"_id": "b", "question": "bread"}\n', encoding="utf-8")
    ran = filled("search", "--batch", file, "--top-k", "1", "--json")
    assert ran.code == 0
    assert [line["_id"] for line in ran.documents] == ["a", "b"]
    assert [len(line["hits"]) for line in ran.documents] == [1, 1]


def test_a_bad_line_of_a_batch(filled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"_id": "a", "text": "ferry"}\nnonsense\n', encoding="utf-8")
    ran = filled("search", "--batch", file, "--json")
    assert ran.code == 2
    assert "line 2" in ran.document["error"]["message"]


def test_query_and_batch_exclude_each_other(cli: Cli, tmp_path: Path) -> None:
    assert cli("search").code == 2
    file = tmp_path / "q.jsonl"
    file.write_text('{"_id": "a", "text": "ferry"}\n', encoding="utf-8")
    assert cli("search", "ferry", "--batch", file).code == 2


def test_an_empty_query(cli: Cli) -> None:
    assert cli("search", "  ", "--json").document["error"]["code"] == "invalid-input"


@pytest.mark.parametrize(
    ("given", "files"),
    [
        (("--kind", "md"), {"ferry.md"}),
        (("--kind", "text"), {"ferry.md", "bread.txt"}),
        (("--file", "bread*"), {"bread.txt"}),
        (("--from", "2000-01-01"), {"ferry.md", "bread.txt"}),
        (("--page", "1-4", "--file", "*.md"), {"ferry.md"}),
    ],
)
def test_filters(filled: Cli, given: tuple[str, ...], files: set[str]) -> None:
    hits = filled("search", "ferry bread", *given, "--json").document["hits"]
    assert {Path(hit["source"]).name for hit in hits} == files


def test_tags_of_several_all_count(filled: Cli) -> None:
    by_name = {
        Path(each["source"]).name: each["id"] for each in filled("library", "list", "--json").document["documents"]
    }
    filled("library", "tag", by_name["ferry.md"], "--tag", "sea", "--tag", "plan")
    filled("library", "tag", by_name["bread.txt"], "--tag", "plan")
    hits = filled("search", "ferry bread", "--tag", "plan", "--tag", "sea", "--json").document["hits"]
    assert [Path(hit["source"]).name for hit in hits] == ["ferry.md"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--kind", "spaceship"), "Kinds are"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "after the last one"),
        (("--to", "2000-01-01"), "No passage fits"),
        (("--tag", "sea"), "No document has the tag sea"),
        (("--file", "fery.md"), "Files are ferry.md"),
        (("--page", "3-1"), "no pages 3-1"),
    ],
)
def test_filters_that_nothing_can_fit_are_told(filled: Cli, given: tuple[str, ...], said: str) -> None:
    ran = filled("search", "ferry", *given)
    assert ran.code == 2
    assert said in ran.err
