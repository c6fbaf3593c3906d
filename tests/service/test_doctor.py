"""The doctor finds every way in which the indexes and SQL can disagree, and mends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from basicchat.core.types import Check, Chunk, Document, Page
from basicchat.service.doctor import Doctor
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore


class Library:
    """Two documents in SQL and both indexes, and a reindexer that puts back what SQL holds."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = MemoryStore()
        self.vectors = MemoryVectorIndex()
        self.lexical = MemoryLexicalIndex()
        self.embedder = HashingEmbedder()
        for name in ("a", "b"):
            self.add(name)
        self.reindex()

    def add(self, name: str) -> None:
        text = f"passage of {name}"
        document = Document(
            name, "default", f"{name}.txt", name, "text/plain", name, 1, 1, 0.0, stored_as=f"{name}.txt"
        )
        chunk = Chunk(f"{name}-0", name, 0, 1, 0, len(text), text)
        (self.home / f"{name}.txt").write_text(text, encoding="utf-8")
        with self.store.begin() as unit:
            unit.documents.add(document, [Page(1, text)], [chunk])

    def reindex(self, document_ids: Sequence[str] | None = None) -> int:
        with self.store.begin() as unit:
            wanted = document_ids if document_ids is not None else [each.id for each in unit.documents.find()]
            for document_id in wanted:
                chunks = unit.documents.chunks(document_id)
                self.vectors.add("default", chunks, self.embedder.embed_passages([chunk.text for chunk in chunks]))
                self.lexical.add("default", chunks)
            unit.documents.mark_indexed(wanted)
        return len(wanted)

    def doctor(self, *probes: object) -> Doctor:
        return Doctor(
            home=self.home,
            files=self.home,
            store=self.store,
            vectors=self.vectors,
            lexical=self.lexical,
            reindexer=self,
            probes=probes,  # type: ignore[arg-type]
        )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def wrong(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok and check.name != "disk"]


def test_a_sound_library_passes(library: Library) -> None:
    checks = library.doctor().examine()
    assert wrong(checks) == []
    assert {check.name for check in checks} == {
        "disk",
        "database",
        "meaning index",
        "word index",
        "unfinished documents",
        "originals",
    }


@pytest.mark.parametrize(("index", "name"), [("vectors", "meaning index"), ("lexical", "word index")])
def test_missing_passages_are_found_and_put_back(library: Library, index: str, name: str) -> None:
    getattr(library, index).delete("default", "a")
    checks = library.doctor().examine()
    assert wrong(checks) == [name]
    assert "1 passages missing" in next(check.detail for check in checks if check.name == name)
    assert wrong(library.doctor().examine(repair=True)) == []
    assert wrong(library.doctor().examine()) == []


@pytest.mark.parametrize("index", ["vectors", "lexical"])
def test_orphans_are_found_and_removed(library: Library, index: str) -> None:
    with library.store.begin() as unit:
        unit.documents.remove("a")
    getattr(library, "lexical" if index == "vectors" else "vectors").delete("default", "a")
    checks = library.doctor().examine()
    assert len(wrong(checks)) == 1
    assert any("1 left over" in check.detail for check in checks)
    assert wrong(library.doctor().examine(repair=True)) == []
    assert getattr(library, index).ids("default") == {"b-0"}


def test_interrupted_documents_are_finished(library: Library) -> None:
    library.add("c")
    assert "unfinished documents" in wrong(library.doctor().examine())
    assert wrong(library.doctor().examine(repair=True)) == []


def test_a_lost_original_is_named(library: Library) -> None:
    (library.home / "b.txt").unlink()
    check = next(check for check in library.doctor().examine() if check.name == "originals")
    assert (check.ok, "b" in check.detail, bool(check.repair)) == (False, True, True)


def test_probes_are_asked_and_told_whether_to_repair(library: Library) -> None:
    told: list[bool] = []

    def probe(repair: bool) -> list[Check]:
        told.append(repair)
        return [Check("model server", False, "does not answer", "Start it.")]

    assert wrong(library.doctor(probe).examine(repair=True)) == ["model server"]
    assert told == [True]
