"""``library``."""

from __future__ import annotations

from tests.cli.conftest import Cli

FIELDS = {
    "id",
    "source",
    "title",
    "collection",
    "media_type",
    "pages",
    "chunks",
    "external_id",
    "added_at",
    "indexed",
    "warnings",
    "tags",
}


def test_list(filled: Cli) -> None:
    documents = filled("library", "list", "--json").document["documents"]
    assert [set(document) for document in documents] == [FIELDS, FIELDS]
    assert all(document["indexed"] for document in documents)


def test_an_empty_library(cli: Cli) -> None:
    ran = cli("library", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "basicchat ingest" in ran.err


def test_show_and_remove(filled: Cli) -> None:
    first, second = filled("library", "list", "--json").document["documents"]
    assert filled("library", "show", first["id"], "--json").document == first
    assert first["source"] in filled("library", "show", first["id"]).out
    assert filled("library", "remove", first["id"], "--json").document == {"removed": [first["id"]]}
    assert filled("library", "list", "--json").document["documents"] == [second]


def test_a_document_that_is_not_there(cli: Cli) -> None:
    for command in ("show", "remove"):
        ran = cli("library", command, "nobody", "--json")
        assert ran.code == 2
        assert ran.document["error"]["code"] == "not-found"


def test_doctor_looks_deep_and_repairs(filled: Cli) -> None:
    checks = filled("doctor", "--deep", "--repair", "--json").document["checks"]
    library = {"removals", "passages", "unfinished documents", "meaning index", "word index", "kept vectors", "uploads"}
    assert library <= {check["name"] for check in checks if check["ok"]}
