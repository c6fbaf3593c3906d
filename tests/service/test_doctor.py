"""The doctor finds every way in which the parts of a library can disagree, mends them, and leaves the rest alone."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.core.errors import StoreError
from basicchat.core.generations import Generation
from basicchat.core.types import Check, LoadedDocument, Page, Scope, Table
from basicchat.ingest.generations import Generations
from basicchat.ingest.identity import file_digest
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.service.agreement import agreements
from basicchat.service.doctor import Doctor
from basicchat.service.originals import KeptOriginals
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore
from basicchat.testing.tables import MemoryTables

WELL = {
    "disk",
    "database",
    "removals",
    "passages",
    "unfinished documents",
    "meaning index",
    "word index",
    "kept vectors",
    "tables",
    "originals",
}


class PagesAndTables:
    """Reads text; every form feed starts a page, and the words of the first one are a table."""

    media_types = frozenset({"text/plain"})

    def load(self, path, *, name="", password="", tell=None):
        pages = tuple(Page(n, text) for n, text in enumerate(path.read_text().split("\f"), start=1))
        rows = tuple((word,) for word in pages[0].text.split())
        yield LoadedDocument(path.stem, pages, "text/plain", tables=(Table("words", ("word",), rows),))


class CountingEmbedder(HashingEmbedder):
    embedded = 0

    def embed_passages(self, texts):
        self.embedded += len(texts)
        return super().embed_passages(texts)


class Recording:
    """An index that remembers which passages were written and which calls emptied it."""

    def __init__(self, index) -> None:
        self._index = index
        self.written: list[str] = []
        self.emptied: list[str] = []
        self.broken = False

    def __getattr__(self, name):
        return getattr(self._index, name)

    def owners(self, collection):
        if self.broken:
            raise StoreError("The index cannot be read.", hint="Run `basicchat doctor --repair`.")
        return self._index.owners(collection)

    def add(self, collection, chunks, *vectors) -> None:
        self.written += [chunk.id for chunk in chunks]
        self._index.add(collection, chunks, *vectors)

    def clear(self, collection) -> None:
        self.emptied.append(collection)
        self._index.clear(collection)

    def reset(self) -> None:
        self.emptied.append("all")
        self.broken = False
        self._index.reset()


class Library:
    """Three documents of three pages in two collections, everywhere they belong."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.files = home, home / "in", home / "files"
        self.folder.mkdir()
        self.store, self.tables = MemoryStore(), MemoryTables()
        self.vectors, self.lexical = Recording(MemoryVectorIndex()), Recording(MemoryLexicalIndex())
        self.embedder = CountingEmbedder(dimension=32)
        self.ingestor = Ingestor(
            loaders=[PagesAndTables()],
            generations=Generations(Generation("first", self.embedder, self.vectors)),
            store=self.store,
            lexical=self.lexical,
            tables=self.tables,
            files=self.files,
            config=IngestConfig(),
        )
        for name, collection in (("a", "default"), ("b", "default"), ("c", "other")):
            self.add(name, collection)
        self.forget_calls()

    def add(self, name: str, collection: str = "default") -> str:
        path = self.folder / f"{name}.txt"
        path.write_text("\f".join(f"page {number} of {name}" for number in (1, 2, 3)))
        (outcome,) = self.ingestor.ingest([path], collection=collection)
        return str(outcome.document_id)

    def forget_calls(self) -> None:
        for index in (self.vectors, self.lexical):
            index.written, index.emptied = [], []
        self.embedder.embedded = 0

    def chunks(self):
        with self.store.begin() as unit:
            return [chunk for document in self.documents() for chunk in unit.documents.chunks(document.id)]

    def documents(self):
        with self.store.begin() as unit:
            return sorted(unit.documents.find(), key=lambda document: document.title)

    def doctor(self, *probes) -> Doctor:
        matters = agreements(
            store=self.store,
            vectors=self.vectors,
            lexical=self.lexical,
            tables=self.tables,
            care=self.ingestor.mender,
        )
        originals = KeptOriginals(self.store, self.files, self.ingestor.mender)
        return Doctor(home=self.home, store=self.store, matters=[*matters, originals], probes=probes)

    def wrong(self, **how: bool) -> list[str]:
        return wrong(self.doctor().examine(**how))

    def assert_whole(self) -> None:
        with self.store.begin() as unit:
            assert unit.documents.unindexed() == []
            assert unit.documents.removals() == []
            for collection in {*unit.documents.collections(), *self.vectors.collections(), *self.lexical.collections()}:
                owners = unit.documents.chunk_owners(collection)
                assert self.vectors.owners(collection) == owners
                assert self.lexical.owners(collection) == owners
            assert self.tables.documents() == unit.documents.with_tables()
        for document in self.documents():
            assert file_digest(self.files / document.stored_as) == document.digest


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def wrong(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok and check.name != "disk"]


def detail(library: Library, name: str, **how: bool) -> str:
    return next(check.detail for check in library.doctor().examine(**how) if check.name == name)


def old(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("left over")
    os.utime(path, (time.time() - 3600, time.time() - 3600))
    return path


def test_a_sound_library_passes_and_is_not_touched(library: Library) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.files.rglob("*")}
    for how in ({}, {"deep": True}, {"repair": True}, {"repair": True, "deep": True}):
        checks = library.doctor().examine(**how)
        assert wrong(checks) == []
        assert {check.name for check in checks} == WELL
    assert (library.vectors.written, library.lexical.written, library.embedder.embedded) == ([], [], 0)
    assert (library.vectors.emptied, library.lexical.emptied) == ([], [])
    assert before == {path: path.stat().st_mtime_ns for path in library.files.rglob("*")}


@pytest.mark.parametrize(("index", "name"), [("vectors", "meaning index"), ("lexical", "word index")])
def test_missing_passages_are_found_and_only_they_are_put_back(library: Library, index: str, name: str) -> None:
    gone = [chunk.id for chunk in library.chunks()][1:3]
    getattr(library, index).discard("default", gone)
    assert library.wrong() == [name]
    assert detail(library, name) == "2 passages missing, 0 left over"
    assert library.wrong(repair=True) == []
    assert sorted(getattr(library, index).written) == sorted(gone)
    assert library.embedder.embedded == 0
    library.assert_whole()


@pytest.mark.parametrize(("index", "name"), [("vectors", "meaning index"), ("lexical", "word index")])
def test_orphans_are_taken_out_by_their_ids(library: Library, index: str, name: str) -> None:
    strays = [replace(chunk, id=f"stray {chunk.id}", document_id="gone") for chunk in library.chunks()[:2]]
    vectors = [[library.embedder.embed_passages(["stray"])[0]] * 2] if index == "vectors" else []
    for collection in ("default", "a collection that is gone"):
        getattr(library, index).add(collection, strays, *vectors)
    library.forget_calls()
    assert library.wrong() == [name]
    assert detail(library, name) == "0 passages missing, 4 left over"
    assert library.wrong(repair=True) == []
    assert (getattr(library, index).written, getattr(library, index).emptied) == ([], [])
    library.assert_whole()


def test_a_passage_held_as_another_documents_is_put_right(library: Library) -> None:
    chunk = library.chunks()[0]
    vector = library.embedder.embed_passages([chunk.text])
    library.vectors.add("default", [replace(chunk, document_id="another")], vector)
    assert library.wrong() == ["meaning index"]
    assert library.wrong(repair=True) == []
    library.assert_whole()


@pytest.mark.parametrize(("index", "name"), [("vectors", "meaning index"), ("lexical", "word index")])
def test_an_index_that_cannot_be_read_is_made_afresh_without_embedding(library: Library, index: str, name: str) -> None:
    getattr(library, index).broken = True
    assert library.wrong() == [name]
    assert library.wrong(repair=True) == []
    assert getattr(library, index).emptied == ["all"]
    assert library.embedder.embedded == 0
    library.assert_whole()


def test_interrupted_documents_are_finished(library: Library) -> None:
    document = library.documents()[0]
    with library.store.begin() as unit:
        unit.documents.mark_indexed([document.id], indexed=False)
    library.lexical.delete("default", document.id)
    assert library.wrong() == ["unfinished documents"]
    assert library.wrong(repair=True) == []
    library.assert_whole()


def test_unfinished_removals_are_finished(library: Library) -> None:
    document = library.documents()[0]
    with library.store.begin() as unit:
        unit.documents.remove(document.id)
    assert library.wrong() == ["removals", "meaning index", "word index", "tables"]
    assert library.wrong(repair=True) == []
    assert not (library.files / str(document.stored_as)).exists()
    library.assert_whole()


def test_lost_passages_are_cut_again_from_the_pages(library: Library) -> None:
    document = library.documents()[0]
    state = library.store.lock_writer()
    first, *rest = state.chunks[document.id]
    state.chunks[document.id] = tuple(rest)
    del state.chunk_index[first.id]
    library.store.release_writer(state)
    assert "passages" in library.wrong()
    assert library.wrong(repair=True) == []
    assert library.documents()[0] == document
    library.assert_whole()


def test_lost_pages_are_told_and_nothing_is_thrown_away(library: Library) -> None:
    document = library.documents()[0]
    state = library.store.lock_writer()
    state.pages[document.id] = state.pages[document.id][:1]
    state.chunks[document.id] = state.chunks[document.id][:1]
    library.store.release_writer(state)
    assert "passages" in library.wrong(repair=True)
    assert document in library.documents()


def test_tables_are_put_back_and_taken_out(library: Library) -> None:
    first = library.documents()[0]
    library.tables.delete(first.id)
    library.tables.add(replace(first, id="gone"), [Table("t", ("a",), ((1,),))])
    assert library.wrong() == ["tables"]
    assert library.wrong(repair=True) == []
    library.assert_whole()


def test_vectors_that_are_not_kept_are_made_and_those_of_no_use_forgotten(library: Library) -> None:
    name = library.embedder.name
    with library.store.begin() as unit:
        digests = sorted(unit.documents.kept(name))
        unit.documents.forget_vectors(name, digests[:1])
        unit.documents.keep_vectors(name, {"no passage has this": [0.0] * 32})
    assert library.wrong() == ["kept vectors"]
    assert library.wrong(repair=True) == []
    with library.store.begin() as unit:
        assert sorted(unit.documents.kept(name)) == digests
    assert library.embedder.embedded == 1


def test_a_lost_original_is_copied_again_while_the_file_is_there(library: Library) -> None:
    first, second, _ = library.documents()
    (library.files / str(first.stored_as)).unlink()
    (library.files / str(second.stored_as)).unlink()
    Path(second.source).unlink()
    assert "2 kept files are gone or damaged: b, a" in detail(library, "originals")
    assert library.wrong(repair=True) == ["originals"]
    assert detail(library, "originals") == "1 kept files are gone or damaged: b"


def test_a_damaged_original_is_seen_when_looking_deep(library: Library) -> None:
    first = library.documents()[0]
    (library.files / str(first.stored_as)).write_text("something else")
    assert library.wrong() == []
    assert library.wrong(deep=True) == ["originals"]
    assert library.wrong(deep=True, repair=True) == []
    library.assert_whole()


def test_kept_files_of_no_document_go_unless_they_are_new(library: Library) -> None:
    stale = old(library.files / "ab" / "stale.txt")
    new = library.files / "ab" / "new.partial"
    new.write_text("being copied now")
    assert library.wrong() == ["originals"]
    assert library.wrong(repair=True) == []
    assert (stale.exists(), new.exists()) == (False, True)


def test_an_error_of_a_part_is_a_check_that_failed(library: Library) -> None:
    library.vectors.broken = True
    check = next(check for check in library.doctor().examine() if check.name == "meaning index")
    assert (check.ok, check.detail) == (False, "The index cannot be read.")
    assert check.repair == "Run `basicchat doctor --repair`."


def test_probes_are_asked_and_told_whether_to_repair(library: Library) -> None:
    told: list[bool] = []

    def probe(repair: bool) -> list[Check]:
        told.append(repair)
        return [Check("model server", False, "does not answer", "Start it.")]

    assert wrong(library.doctor(probe).examine(repair=True)) == ["model server"]
    assert told == [True]


def _lose_words(library: Library, place: int) -> None:
    chunk = library.chunks()[place]
    for collection in ("default", "other"):
        library.lexical.discard(collection, [chunk.id])


def _lose_meaning(library: Library, place: int) -> None:
    chunk = library.chunks()[place]
    for collection in ("default", "other"):
        library.vectors.discard(collection, [chunk.id])


def _stray(library: Library, place: int) -> None:
    chunk = replace(library.chunks()[place], id=f"stray {place}")
    library.vectors.add("default", [chunk], library.embedder.embed_passages(["stray"]))
    library.lexical.add("elsewhere", [chunk])


def _disown(library: Library, place: int) -> None:
    chunk = library.chunks()[place]
    owner = library.documents()[place // 3]
    library.lexical.add(owner.collection, [replace(chunk, document_id="another")])


def _empty(library: Library, place: int) -> None:
    (library.vectors if place % 2 else library.lexical).clear("default")


def _forget(library: Library, place: int) -> None:
    with library.store.begin() as unit:
        unit.documents.mark_indexed([library.documents()[place // 3].id], indexed=False)


def _unkeep(library: Library, place: int) -> None:
    with library.store.begin() as unit:
        kept = sorted(unit.documents.kept(library.embedder.name))
        unit.documents.forget_vectors(library.embedder.name, kept[place : place + 1])


def _unfile(library: Library, place: int) -> None:
    (library.files / str(library.documents()[place // 3].stored_as)).unlink(missing_ok=True)


def _litter(library: Library, place: int) -> None:
    old(library.files / f"{place:02}" / "stale.bin")


def _untable(library: Library, place: int) -> None:
    library.tables.delete(library.documents()[place // 3].id)


def _remove(library: Library, place: int) -> None:
    """Only if there are three, so that the others' places stay."""
    with library.store.begin() as unit:
        unit.documents.remove("none")
        unit.documents.add(replace(library.documents()[place // 3], id="removed", stored_as=None), [], [])
        unit.documents.remove("removed")


DAMAGES = (
    _lose_words, _lose_meaning, _stray, _disown, _empty, _forget, _unkeep, _unfile, _litter, _untable, _remove,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(damages=st.lists(st.tuples(st.sampled_from(DAMAGES), st.integers(0, 8)), min_size=1, max_size=6))
def test_any_damage_is_found_and_mended_and_what_is_sound_stays(damages) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        documents, chunks = library.documents(), library.chunks()
        for damage, place in damages:
            damage(library, place)
        assert library.wrong() != []
        assert library.wrong(repair=True) == []
        assert library.wrong(deep=True) == []
        library.assert_whole()
        assert [replace(each, indexed=True) for each in library.documents()] == documents
        assert library.chunks() == chunks
        assert "all" not in [*library.vectors.emptied, *library.lexical.emptied]
        for chunk in chunks:
            collection = "other" if chunk.document_id == documents[2].id else "default"
            hits = library.lexical.search(chunk.text, scope=Scope(collection), top_k=9)
            assert chunk.id in [hit for hit, _ in hits]
