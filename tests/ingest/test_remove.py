"""What is removed is gone for the reader at once, and for every index in the end, whatever fails on the way."""

from __future__ import annotations

import threading

import pytest

from basicchat.core.errors import NotFound, StoreError
from basicchat.core.types import Query
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever


class Failing:
    """An index whose deletions fail half-way while ``broken``."""

    def __init__(self, index) -> None:
        self._index = index
        self.broken = True

    def __getattr__(self, name):
        return getattr(self._index, name)

    def delete(self, collection, *document_ids) -> None:
        if self.broken:
            held = [chunk for chunk, owner in self._index.owners(collection).items() if owner in document_ids]
            self._index.discard(collection, held[::2])
            raise StoreError("The disk is full.")
        self._index.delete(collection, *document_ids)


def retriever(bench) -> Retriever:
    config = RetrieveConfig(rerank_top=0)
    return Retriever(
        generations=bench.generations, lexical=bench.lexical, store=bench.store, reranker=None, config=config
    )


def found(bench, text: str) -> set[str]:
    return {hit.document.title for hit in retriever(bench).search(Query(text)).hits}


def removals(bench):
    with bench.store.begin() as unit:
        return unit.documents.removals()


def originals(bench):
    return sorted(path.name for path in bench.files.rglob("*") if path.is_file())


def break_vectors(bench) -> Failing:
    serving = bench.generations.current
    failing = Failing(serving.vectors)
    bench.generations.put(type(serving)(serving.name, serving.embedder, failing))
    return failing


@pytest.mark.parametrize("mend", ["the next removal", "a sweep", "the next file"])
def test_an_index_that_fails_half_way_leaves_no_orphan_in_the_end(bench, mend) -> None:
    bench.write("a.txt", "alpha\falpha again\falpha once more")
    bench.write("b.txt", "beta")
    bench.ingest()
    (doomed,) = [each for each in bench.documents() if each.title == "a"]
    failing = break_vectors(bench)
    bench.ingestor.remove(doomed.id)
    assert doomed.id in bench.vectors.owners("default").values(), "some of its vectors are still there"
    assert found(bench, "alpha") == {"b"}
    assert len(removals(bench)) == 1
    failing.broken = False
    if mend == "the next removal":
        (other,) = bench.documents()
        bench.ingestor.remove(other.id)
    elif mend == "a sweep":
        assert bench.ingestor.care.sweep() == 0
    else:
        bench.ingest(bench.write("c.txt", "gamma"))
    assert removals(bench) == []
    with bench.store.begin() as unit:
        assert bench.vectors.ids("default") <= unit.documents.chunk_ids("default")
        assert bench.lexical.ids("default") <= unit.documents.chunk_ids("default")


def test_a_sweep_says_what_is_left(bench) -> None:
    bench.write("a.txt", "alpha")
    (outcome,) = bench.ingest()
    failing = break_vectors(bench)
    bench.ingestor.remove(outcome.document_id)
    assert bench.ingestor.care.sweep() == 1
    assert originals(bench), "kept until the indexes are clean"
    failing.broken = False
    assert bench.ingestor.care.sweep() == 0
    assert originals(bench) == []


def test_a_document_that_came_back_keeps_what_is_its_own(bench) -> None:
    path = bench.write("a.txt", "alpha")
    (outcome,) = bench.ingest()
    failing = break_vectors(bench)
    bench.ingestor.remove(outcome.document_id)
    failing.broken = False
    assert bench.ingest(path)[0].document_id == outcome.document_id
    assert bench.ingestor.care.sweep() == 0
    assert found(bench, "alpha") == {"a"}
    assert len(originals(bench)) == 1
    bench.assert_consistent()


def test_removing_many_where_one_is_unknown_removes_none(bench) -> None:
    bench.write("a.txt", "alpha")
    (outcome,) = bench.ingest()
    with pytest.raises(NotFound):
        bench.ingestor.care.remove([outcome.document_id, "none"])
    assert len(bench.documents()) == 1
    bench.assert_consistent()


def test_an_original_goes_with_the_last_document_that_needs_it(bench) -> None:
    path = bench.write("a.txt", "alpha")
    (here,) = bench.ingest(path)
    (there,) = bench.ingest(path, collection="other")
    bench.ingestor.remove(here.document_id)
    assert len(originals(bench)) == 1
    bench.ingestor.remove(there.document_id)
    assert originals(bench) == []


def test_one_of_two_sources_goes_and_the_document_stays(bench) -> None:
    one, two = bench.write("a.txt", "alpha"), bench.write("b.txt", "alpha")
    bench.ingest()
    assert bench.ingestor.care.unlink("default", str(one)) == 0
    (document,) = bench.documents()
    assert document.source == str(two)
    assert found(bench, "alpha") == {document.title}
    assert bench.ingestor.care.unlink("default", str(two)) == 1
    assert bench.documents() == []
    bench.assert_consistent()


def test_a_removal_does_not_wait_for_a_long_file(bench, monkeypatch) -> None:
    monkeypatch.setattr("basicchat.ingest.care.TURN_SECONDS", 0.01)
    bench.write("a.txt", "alpha")
    (outcome,) = bench.ingest()
    long = bench.write("long.txt", "a long file")
    begun, go_on = threading.Event(), threading.Event()

    def report(_, progress) -> None:
        if progress.stage == "writing":
            begun.set()
            go_on.wait(30)

    work = threading.Thread(target=bench.ingest, args=(long,), kwargs={"report": report})
    work.start()
    assert begun.wait(30)
    bench.ingestor.remove(outcome.document_id)
    assert "a" not in found(bench, "alpha")
    assert len(removals(bench)) == 1
    go_on.set()
    work.join()
    assert removals(bench) == []
    bench.assert_consistent()
