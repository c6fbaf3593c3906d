"""``library`` tag, untag, tags, move, chunks, edit, history, rollback and the filters of ``list``."""

from __future__ import annotations

import io

from tests.cli.conftest import Cli


def listed(cli: Cli, *arguments: str) -> list[str]:
    """Ids of the documents that a list shows."""
    return [each["id"] for each in cli("library", "list", *arguments, "--json").document["documents"]]


def ferry(cli: Cli) -> str:
    (found,) = listed(cli, "ferry")
    return found


def test_tags(filled: Cli) -> None:
    one = ferry(filled)
    assert "basicchat library tag" in filled("library", "tags").err
    assert filled("library", "tag", one, "--tag", "travel", "--tag", "2024", "--json").code == 0
    assert filled("library", "tags", "--json").document == {"tags": {"2024": 1, "travel": 1}}
    assert "[2024, travel]" in filled("library", "list").out
    assert listed(filled, "--tag", "travel") == [one]
    assert filled("library", "untag", one, "--tag", "2024").code == 0
    assert "travel" in filled("library", "tags").out
    assert listed(filled, "--tag", "2024") == []
    assert filled("library", "tag", one, "--tag", "a,b").code == 2
    assert filled("library", "tag", "nobody", "--tag", "a", "--json").document["error"]["code"] == "not-found"


def test_filters(filled: Cli) -> None:
    assert len(listed(filled)) == 2
    assert set(listed(filled, "--kind", "md")) | set(listed(filled, "--kind", "txt")) <= set(listed(filled))
    assert listed(filled, "--state", "warnings") == []
    assert "basicchat library list" in filled("library", "list", "no such name").err
    assert filled("library", "list", "--state", "odd").code == 2


def test_move(filled: Cli) -> None:
    one = ferry(filled)
    moved = filled("library", "move", one, "--to", "travel", "--json").document["moved"]
    assert listed(filled, "--collection", "travel") == [moved[one]]
    assert len(listed(filled, "--collection", "default")) == 1
    assert filled("library", "move", moved[one], "--to", " ").code == 2


def test_correct_and_undo(filled: Cli, monkeypatch) -> None:
    chunks = filled("library", "chunks", ferry(filled), "--json").document["chunks"]
    first = next(chunk for chunk in chunks if "seven" in chunk["text"])
    better = first["text"].replace("seven", "half past six")
    edited = filled("library", "edit", first["id"], better, "--json").document
    assert (edited["text"], edited["edited"]) == (better, True)
    hits = filled("search", "when does the ferry leave half past six", "--json").document["hits"]
    assert hits[0]["text"] == better
    assert f"{first['id']} *" in filled("library", "chunks", first["document_id"], "--page", "1").out
    monkeypatch.setattr("sys.stdin", io.StringIO("From a pipe.\n"))
    assert filled("library", "edit", first["id"]).code == 0
    versions = filled("library", "history", first["id"], "--json").document["versions"]
    assert [version["text"] for version in versions] == [first["text"], better, "From a pipe."]
    assert "version 2" in filled("library", "history", first["id"]).out
    assert filled("library", "rollback", first["id"], "0", "--json").document == first
    assert filled("library", "rollback", first["id"], "9").code == 2
    assert filled("library", "edit", first["id"], "  ").code == 2
