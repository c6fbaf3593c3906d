"""Tags, collections and corrections, over a real ingestor on fakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.generations import Generation
from basicchat.core.types import Query, Scope
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.service.curation import Curation
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.loading import TextLoader
from basicchat.testing.store import MemoryStore

FIRST = "The first paragraph speaks of rivers and of the boats that go down to the sea in them."
SECOND = "The second paragraph speaks of montains, which is misspelt, and of the snow on top."
THIRD = "The third paragraph speaks of forests, of deer, and of the hunters who follow them."


class CountingEmbedder(HashingEmbedder):
    """Counts the texts it embedded."""

    embedded = 0

    def embed_passages(self, texts):
        self.embedded += len(texts)
        return super().embed_passages(texts)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "in"
        self.folder.mkdir()
        self.store, self.embedder = MemoryStore(), CountingEmbedder(dimension=64)
        self.vectors, self.lexical = MemoryVectorIndex(), MemoryLexicalIndex()
        generations = Generations(Generation("first", self.embedder, self.vectors))
        self.ingestor = Ingestor(
            loaders=[TextLoader()],
            generations=generations,
            store=self.store,
            lexical=self.lexical,
            files=folder / "files",
            config=IngestConfig(chunk_tokens=20, chunk_overlap=0),
        )
        self.curation = Curation(store=self.store, care=self.ingestor.care)
        self.retriever = Retriever(
            generations=generations,
            lexical=self.lexical,
            store=self.store,
            reranker=None,
            config=RetrieveConfig(rerank_top=0),
        )

    def add(self, name: str, *paragraphs: str, collection: str = "default") -> str:
        path = self.folder / name
        path.write_text("\n\n".join(paragraphs), encoding="utf-8")
        (outcome,) = self.ingestor.ingest([path], collection=collection)
        assert outcome.document_id, outcome
        return outcome.document_id

    def chunks(self, document_id: str):
        with self.store.begin() as unit:
            return unit.documents.chunks(document_id)

    def document(self, document_id: str):
        with self.store.begin() as unit:
            return unit.documents.get(document_id)

    def words(self, text: str, collection: str = "default") -> list[str]:
        return [chunk for chunk, _ in self.lexical.search(text, scope=Scope(collection), top_k=9)]

    def assert_consistent(self) -> None:
        with self.store.begin() as unit:
            assert unit.documents.unindexed() == []
            assert unit.documents.removals() == []
            for collection in {*unit.documents.collections(), *self.vectors.collections()}:
                owners = unit.documents.chunk_owners(collection)
                assert self.vectors.owners(collection) == owners
                assert self.lexical.owners(collection) == owners


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def text(bench: Bench) -> str:
    """A document of three passages, the second with a mistake."""
    return bench.add("text.txt", FIRST, SECOND, THIRD)


def test_tags_are_kept_clean_and_counted(bench, text) -> None:
    other = bench.add("other.txt", "Something else.")
    assert bench.curation.set_tags(text, [" tax ", "2024", "tax"]) == ("2024", "tax")
    bench.curation.tag([text, other], ["to   read"])
    bench.curation.untag([text, other], ["2024", "never had"])
    assert bench.curation.tags() == {"tax": 1, "to read": 2}
    assert bench.document(text).tags == ("tax", "to read")
    for bad in ("", " ", "a,b", "x" * 51, "a\x00"):
        with pytest.raises(InvalidInput):
            bench.curation.tag([text], [bad])
    with pytest.raises(NotFound):
        bench.curation.tag([text, "none"], ["new"])
    assert "new" not in bench.curation.tags()


def test_entries_are_found_by_name_title_tag_kind_and_state(bench, text) -> None:
    note = bench.add("Holiday note.md", "Something else.", collection="private")
    bench.curation.set_tags(note, ["Sommer"])

    def found(words: str = "", **filters) -> set[str]:
        return {entry.document.id for entry in bench.curation.entries(words, **filters)}

    assert found() == {text, note}
    assert found("HOLIDAY") == found("holiday sommer") == found(tag="Sommer") == {note}
    assert found("holiday winter") == set()
    assert found(collection="private") == found(kind="md") == found(kind=".MD") == {note}
    assert found(kind="text/plain") == {text, note}
    assert found(state="ready") == {text, note}
    assert found(state="corrected") == found(state="warnings") == found(state="unfinished") == set()
    bench.curation.edit_chunk(bench.chunks(text)[0].id, "Corrected.")
    assert found(state="corrected") == {text}
    with pytest.raises(InvalidInput):
        found(state="nonsense")


def test_a_corrected_passage_is_found_and_quoted_by_its_new_text(bench, text) -> None:
    _, second, _ = bench.chunks(text)
    assert second.text == SECOND
    before = bench.embedder.embedded
    better = SECOND.replace("montains", "mountains")
    edited = bench.curation.edit_chunk(second.id, f"  {better}\n")
    assert (edited.text, edited.edited) == (better, True)
    assert bench.embedder.embedded == before + 1, "only this passage is embedded"
    assert bench.words("mountains") == [second.id]
    assert bench.words("montains") == []
    hits = bench.retriever.search(Query("mountains with snow")).hits
    assert hits[0].chunk == edited
    passage = bench.retriever.passages(hits[:1], budget=500, count=lambda text: len(text.split()))[0]
    assert passage.text == better
    assert (passage.start, passage.end) == (second.start, second.end)
    bench.assert_consistent()


def test_every_text_is_kept_and_can_be_had_again(bench, text) -> None:
    _, second, _ = bench.chunks(text)
    bench.curation.edit_chunk(second.id, "One.")
    bench.curation.edit_chunk(second.id, "Two.")
    assert [each.text for each in bench.curation.history(second.id)] == [SECOND, "One.", "Two."]
    assert bench.curation.rollback(second.id, 1).text == "One."
    before = bench.embedder.embedded
    assert bench.curation.rollback(second.id, 0) == second
    assert bench.embedder.embedded == before, "that vector was kept"
    assert bench.words("montains") == [second.id]
    with pytest.raises(NotFound):
        bench.curation.rollback(second.id, 9)
    with pytest.raises(NotFound):
        bench.curation.history("none")
    bench.assert_consistent()


@pytest.mark.parametrize("bad", ["", "  \n", "x" * 20_001])
def test_what_is_no_passage_is_refused(bench, text, bad) -> None:
    with pytest.raises(InvalidInput):
        bench.curation.edit_chunk(bench.chunks(text)[0].id, bad)


def test_a_correction_survives_the_same_file_and_a_changed_one(bench, text) -> None:
    _, second, _ = bench.chunks(text)
    better = SECOND.replace("montains", "mountains")
    bench.curation.edit_chunk(second.id, better)
    assert bench.add("text.txt", FIRST, SECOND, THIRD) == text
    assert bench.chunks(text)[1].text == better
    before = bench.embedder.embedded
    changed = bench.add("text.txt", FIRST, SECOND, THIRD, "A fourth paragraph speaks of nothing much.")
    assert changed != text
    assert [chunk.text for chunk in bench.chunks(changed)][:3] == [FIRST, better, THIRD]
    assert bench.embedder.embedded == before + 1, "only what is new was embedded"
    assert [each.text for each in bench.curation.history(bench.chunks(changed)[1].id)] == [SECOND, better]
    assert len(bench.words("mountains")) == 1
    bench.assert_consistent()


def test_a_correction_does_not_survive_where_the_file_says_something_else(bench, text) -> None:
    _, second, _ = bench.chunks(text)
    bench.curation.edit_chunk(second.id, "Corrected.")
    changed = bench.add("text.txt", FIRST, SECOND.replace("montains", "valleys"), THIRD)
    assert "Corrected." not in [chunk.text for chunk in bench.chunks(changed)]
    bench.assert_consistent()


def test_of_like_passages_only_the_corrected_one_stays_corrected(bench) -> None:
    document = bench.add("like.txt", FIRST, SECOND, FIRST)
    _, _, last = bench.chunks(document)
    bench.curation.edit_chunk(last.id, "Corrected.")
    changed = bench.add("like.txt", FIRST, SECOND, FIRST, THIRD)
    assert [chunk.text for chunk in bench.chunks(changed)] == [FIRST, SECOND, "Corrected.", THIRD]


def test_moving_embeds_nothing_and_takes_everything_along(bench, text) -> None:
    second = bench.chunks(text)[1]
    bench.curation.edit_chunk(second.id, "Corrected.")
    bench.curation.set_tags(text, ["tax"])
    before = bench.embedder.embedded
    (moved,) = bench.curation.move([text], " private ")
    assert moved != text
    assert bench.embedder.embedded == before
    assert bench.document(text) is None
    document = bench.document(moved)
    assert (document.collection, document.tags, document.indexed) == ("private", ("tax",), True)
    assert [chunk.text for chunk in bench.chunks(moved)] == [FIRST, "Corrected.", THIRD]
    assert [each.text for each in bench.curation.history(bench.chunks(moved)[1].id)] == [SECOND, "Corrected."]
    assert bench.words("rivers") == []
    assert len(bench.words("rivers", "private")) == 1
    assert (bench.folder.parent / "files" / document.stored_as).is_file()
    bench.assert_consistent()
    assert bench.curation.move([moved], "private") == [moved]


def test_moving_to_where_it_is_already_leaves_one(bench, text) -> None:
    there = bench.add("text.txt", FIRST, SECOND, THIRD, collection="private")
    assert bench.curation.move([text], "private") == [there]
    assert [entry.document.id for entry in bench.curation.entries()] == [there]
    bench.assert_consistent()
    with pytest.raises(NotFound):
        bench.curation.move([there, "none"], "elsewhere")
    with pytest.raises(InvalidInput):
        bench.curation.move([there], " ")


def test_removing_one_of_two_entries_keeps_the_document(bench, text) -> None:
    bench.add("copy.txt", FIRST, SECOND, THIRD)
    here = str(bench.folder / "text.txt")
    assert bench.curation.remove_entry("default", here) == 0
    (entry,) = bench.curation.entries()
    assert (entry.document.id, entry.source) == (text, str(bench.folder / "copy.txt"))
    with pytest.raises(NotFound):
        bench.curation.remove_entry("default", here)
    assert bench.curation.remove_entry("default", entry.source) == 1
    assert bench.curation.entries() == []
    bench.assert_consistent()


def test_a_correction_that_was_interrupted_is_indexed_later(bench, text) -> None:
    _, second, _ = bench.chunks(text)
    with bench.store.begin() as unit:
        unit.documents.edit_chunk(second.id, "Corrected at last.", at=1.0)
        unit.documents.mark_indexed([text], indexed=False)
    bench.ingestor.mender.complete([text])
    assert bench.words("corrected") == [second.id]
    bench.assert_consistent()
