from __future__ import annotations

from tests.cli.conftest import Cli


def test_switch_back_and_drop(filled: Cli) -> None:
    assert filled("library", "embedder", "--json").document["active"] == "hashing-256"
    switched = filled("library", "embedder", "hashing-64", "--json")
    assert switched.code == 0
    assert switched.document["active"] == "hashing-64"
    assert (switched.document["previous"], switched.document["building"]) == ("hashing-256", None)
    assert "ferry" in filled("search", "When does the ferry leave?", "--json").document["hits"][0]["text"]
    assert "hashing-256  (basicchat library embedder --back)" in filled("library", "embedder").out
    assert filled("library", "embedder", "--back", "--json").document["active"] == "hashing-256"
    dropped = filled("library", "embedder", "--drop-old", "--json")
    assert "hashing-64 and its vectors are gone." in dropped.err
    assert dropped.document["previous"] is None
    assert "ferry" in filled("search", "When does the ferry leave?", "--json").document["hits"][0]["text"]


def test_the_index_is_built_anew(filled: Cli) -> None:
    before = filled("search", "Rye bread", "--json").document
    assert filled("library", "embedder", "--rebuild").code == 0
    assert filled("search", "Rye bread", "--json").document == before
    assert all("embedder" not in line for line in filled("doctor").out.splitlines() if line.startswith("bad"))


def test_what_cannot_be(filled: Cli) -> None:
    assert filled("library", "embedder", "hashing-3").code == 2
    assert filled("library", "embedder", "--back").code == 2
    assert filled("library", "embedder", "--drop-old").code == 2
    assert filled("library", "embedder", "hashing-64", "--back").code == 2
    assert filled("library", "embedder", "hashing-256").code == 0
    assert filled("library", "embedder", "--json").document["active"] == "hashing-256"
