from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from basicchat.adapters.load import default_loaders
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.core.errors import Cancelled, NotFound
from basicchat.core.types import FileStatus


def long_text(word: str, count: int = 900) -> str:
    return " ".join(f"{word}{number}" for number in range(count))


def records(*numbers: int) -> str:
    return "\n".join(json.dumps({"_id": f"r{n}", "title": f"Record {n}", "text": f"fact{n} here"}) for n in numbers)


def test_a_file_is_read_cut_and_found(bench) -> None:
    path = bench.write("ports.txt", "# Ports\nThe harbour is open.\f# Ships\nThree ships.")
    (outcome,) = bench.ingest(path)
    assert (outcome.status, outcome.pages, outcome.chunks, outcome.path) == (FileStatus.DONE, 2, 2, str(path))
    (document,) = bench.documents()
    assert (document.id, document.source, document.indexed) == (outcome.document_id, str(path), True)
    assert (bench.files / document.stored_as).read_bytes() == path.read_bytes()
    assert bench.found("harbour") == {"ports"}
    bench.assert_consistent()


def test_a_source_has_no_detours(bench) -> None:
    path = bench.write("shared/x.txt", "The harbour is open.")
    (outcome,) = bench.ingest(path.parent / ".." / "shared" / "x.txt")
    assert outcome.path == str(path.parent / ".." / "shared" / "x.txt")
    assert [document.source for document in bench.documents()] == [str(path)]
    (again,) = bench.ingest(path)
    assert again.status is FileStatus.UNCHANGED


def test_another_splitter_cuts_otherwise_and_finds_as_well(make_bench) -> None:
    bench = make_bench(splitter=RecursiveSplitter(), chunk_tokens=32, chunk_overlap=0)
    bench.write("a.txt", long_text("word") + "\n\n" + long_text("other"))
    (outcome,) = bench.ingest()
    with bench.store.begin() as unit:
        chunks = unit.documents.chunks(outcome.document_id)
    assert {word for chunk in chunks for word in chunk.text.split()} == {
        *long_text("word").split(),
        *long_text("other").split(),
    }
    assert bench.found("other899") == {"a"}
    bench.assert_consistent()


def test_the_title_is_found_with_the_words(bench) -> None:
    bench.write("lighthouse.txt", "It was built in 1820.")
    bench.ingest()
    assert bench.found("lighthouse") == {"lighthouse"}


def test_twice_is_once(bench) -> None:
    bench.write("a.txt", "alpha")
    first, second = bench.ingest(), bench.ingest()
    assert [o.status for o in second] == [FileStatus.UNCHANGED]
    assert second[0].document_id == first[0].document_id
    assert (second[0].pages, second[0].chunks) == (1, 1)
    assert len(bench.embedder.batches) == 1


def test_a_changed_file_replaces_the_older_version(bench) -> None:
    path = bench.write("a.txt", "alpha")
    bench.ingest()
    old = bench.documents()[0]
    path.write_text("omega")
    (outcome,) = bench.ingest()
    assert outcome.status is FileStatus.DONE
    assert [document.id for document in bench.documents()] == [outcome.document_id]
    assert bench.found("alpha") == set()
    assert not (bench.files / old.stored_as).exists()
    bench.assert_consistent()


def test_the_same_content_elsewhere_is_a_duplicate(bench) -> None:
    bench.write("a.txt", "alpha")
    bench.write("b.txt", "alpha")
    outcomes = bench.ingest()
    assert [o.status for o in outcomes] == [FileStatus.DONE, FileStatus.DUPLICATE]
    assert outcomes[0].document_id == outcomes[1].document_id
    assert [o.status for o in bench.ingest()] == [FileStatus.UNCHANGED] * 2
    (bench.folder / "a.txt").write_text("changed")
    bench.ingest()
    assert len(bench.documents()) == 2, "the other source still gives the old content"


def test_the_same_words_are_embedded_once(bench) -> None:
    bench.write("same.txt", "\f".join(["the very same page"] * 40))
    bench.ingest()
    assert sum(map(len, bench.embedder.batches)) == 1


def test_collections_do_not_meet(bench) -> None:
    path = bench.write("a.txt", "alpha")
    bench.ingest(path, collection="one")
    bench.ingest(path, collection="two")
    one, two = bench.documents("one")[0], bench.documents("two")[0]
    assert one.id != two.id
    assert one.stored_as == two.stored_as
    bench.ingestor.remove(one.id)
    assert (bench.files / two.stored_as).exists()
    assert bench.found("alpha", "one") == set()
    assert bench.found("alpha", "two") == {"a"}
    bench.ingestor.remove(two.id)
    assert not (bench.files / two.stored_as).exists()


def test_bad_files_do_not_sink_the_batch(bench) -> None:
    for number in range(20):
        bench.write(f"{number:02}.txt", f"good number {number}")
    bench.write("03.txt", b"\xff\xfe\x00bad")
    bench.write("07.txt", "LOCKED")
    bench.write("11.txt", "")
    outcomes = {Path(o.path).name: o for o in bench.ingest()}
    assert len(outcomes) == 20
    assert outcomes["03.txt"].status is FileStatus.FAILED
    assert outcomes["07.txt"].status is FileStatus.NEEDS_PASSWORD
    assert outcomes["11.txt"].status is FileStatus.FAILED
    assert all(outcomes[name].error for name in ("03.txt", "07.txt", "11.txt"))
    assert sum(o.status is FileStatus.DONE for o in outcomes.values()) == 17
    bench.assert_consistent()


def test_pages_without_text_are_a_warning(bench) -> None:
    bench.write("gap.txt", "first\f \fthird")
    (outcome,) = bench.ingest()
    assert outcome.status is FileStatus.WARNINGS
    assert outcome.warnings == ("No text on pages [2].",)
    assert bench.documents()[0].warnings == outcome.warnings


def test_what_cannot_be_read(bench) -> None:
    picture = bench.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0")
    assert bench.ingest() == [], "in a folder it is passed over"
    (unsupported,) = bench.ingest(picture)
    assert unsupported.status is FileStatus.FAILED
    assert "as PDF" in (unsupported.error or "")
    (absent,) = bench.ingest(bench.folder / "absent.txt")
    assert absent.status is FileStatus.FAILED
    assert "no such file" in (absent.error or "")


def test_a_file_over_the_limit(make_bench) -> None:
    bench = make_bench(max_file_bytes=10)
    bench.write("large.txt", "more than ten bytes")
    (outcome,) = bench.ingest()
    assert outcome.status is FileStatus.FAILED
    assert "largest" in (outcome.error or "")


def test_folders_are_walked_without_hidden_files(bench) -> None:
    bench.write("b/deep/one.txt", "one")
    bench.write("a.txt", "two")
    bench.write(".hidden.txt", "three")
    bench.write(".git/four.txt", "four")
    assert [Path(o.path).name for o in bench.ingest()] == ["a.txt", "one.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_do_not_lead_in_circles(bench) -> None:
    bench.write("a/one.txt", "one")
    (bench.folder / "a" / "up").symlink_to(bench.folder)
    (bench.folder / "self.txt").symlink_to(bench.folder / "self.txt")
    assert [Path(o.path).name for o in bench.ingest()] == ["one.txt"]


def test_a_name_is_shown_instead_of_the_path(bench) -> None:
    path = bench.write("0f3a", "alpha")
    (outcome,) = bench.ingest(path, names={path: "Letter.txt"})
    assert outcome.path == "Letter.txt"
    assert (bench.documents()[0].source, bench.documents()[0].title) == ("Letter.txt", "Letter")


def test_progress_goes_through_the_stages(bench) -> None:
    path = bench.write("a.txt", long_text("word"))
    told = []
    bench.ingest(path, report=lambda name, step: told.append((name, step)))
    assert {name for name, _ in told} == {str(path)}
    assert list(dict.fromkeys(step.stage for _, step in told)) == ["reading", "cutting", "embedding", "writing"]
    assert all(step.total == 0 or step.done <= step.total for _, step in told)


def test_stopped_in_the_middle_and_taken_in_again(make_bench) -> None:
    bench = make_bench(batch_size=2)
    bench.write("a.txt", "alpha")
    bench.write("b.txt", long_text("word", 2000))

    def stop(name, step) -> None:
        if name.endswith("b.txt") and step.stage == "embedding" and step.done >= 4:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        bench.ingest(report=stop)
    assert bench.found("alpha") == {"a"}
    assert bench.found("word7") == set()
    embedded = {text for batch in bench.embedder.batches for text in batch}
    bench.embedder.batches.clear()
    outcomes = bench.ingest()
    assert [o.status for o in outcomes] == [FileStatus.UNCHANGED, FileStatus.DONE]
    assert not embedded & {text for batch in bench.embedder.batches for text in batch}, "work was done twice"
    assert bench.found("word7") == {"b"}
    bench.assert_consistent()


@pytest.mark.parametrize("mend", ["again", "reindex all", "reindex some"])
def test_a_crash_between_store_and_index_is_mended(bench, mend: str) -> None:
    bench.write("a.txt", "alpha")
    bench.lexical.broken = True
    (outcome,) = bench.ingest()
    assert outcome.status is FileStatus.FAILED
    assert "disk is full" in (outcome.error or "")
    with bench.store.begin() as unit:
        unfinished = [document.id for document in unit.documents.unindexed()]
    assert len(unfinished) == 1
    bench.lexical.broken = False
    bench.embedder.batches.clear()
    if mend == "again":
        assert [o.status for o in bench.ingest()] == [FileStatus.DONE]
    else:
        assert bench.ingestor.reindex(None if mend == "reindex all" else unfinished) == 1
    assert bench.embedder.batches == [], "the vectors were kept"
    assert bench.found("alpha") == {"a"}
    bench.assert_consistent()


def test_reindex_drops_strays_and_brings_back_what_was_lost(bench) -> None:
    bench.write("a.txt", "alpha")
    bench.write("b.txt", "beta")
    bench.ingest()
    first = bench.documents()[0]
    with bench.store.begin() as unit:
        chunks = unit.documents.chunks(first.id)
        unit.documents.remove(first.id)  # behind the back of the projections
    assert chunks[0].id in bench.vectors.ids("default")
    bench.lexical.clear("default")
    assert bench.ingestor.reindex() == 1
    bench.assert_consistent()


def test_remove(bench) -> None:
    bench.write("a.txt", "alpha")
    (outcome,) = bench.ingest()
    bench.ingestor.remove(outcome.document_id)
    assert bench.documents() == []
    assert [path for path in bench.files.rglob("*") if path.is_file()] == []
    bench.assert_consistent()
    with pytest.raises(NotFound):
        bench.ingestor.remove(outcome.document_id)
    with pytest.raises(NotFound):
        bench.ingestor.reindex([outcome.document_id])
    assert [o.status for o in bench.ingest()] == [FileStatus.DONE]


class TestRecords:
    @pytest.fixture
    def bench(self, make_bench):
        return make_bench(loaders=[RecordLoader()], batch_size=32)

    def test_one_document_a_record_in_full_batches(self, bench) -> None:
        bench.write("facts.jsonl", records(*range(300)))
        (outcome,) = bench.ingest()
        assert (outcome.status, outcome.document_id) == (FileStatus.DONE, None)
        assert (outcome.pages, outcome.chunks) == (300, 300)
        sizes = [len(batch) for batch in bench.embedder.batches]
        assert sum(sizes) == 300
        assert sizes.count(32) >= 9
        documents = {document.external_id: document for document in bench.documents()}
        assert documents["r7"].title == "Record 7"
        assert documents["r7"].stored_as is None
        assert bench.found("fact7") == {"Record 7"}
        bench.assert_consistent()

    def test_twice_is_once(self, bench) -> None:
        bench.write("facts.jsonl", records(*range(5)))
        bench.ingest()
        assert [o.status for o in bench.ingest()] == [FileStatus.UNCHANGED]
        bench.write("copy.jsonl", records(*range(5)))
        (copy,) = bench.ingest(bench.folder / "copy.jsonl")
        assert copy.status is FileStatus.DUPLICATE

    def test_records_that_go_and_come(self, bench) -> None:
        bench.write("facts.jsonl", records(1, 2, 3))
        bench.ingest()
        bench.embedder.batches.clear()
        bench.write("facts.jsonl", records(2, 3, 4))
        (outcome,) = bench.ingest()
        assert outcome.status is FileStatus.DONE
        assert {document.external_id for document in bench.documents()} == {"r2", "r3", "r4"}
        assert sum(map(len, bench.embedder.batches)) == 1
        bench.assert_consistent()

    def test_a_bad_line_is_a_warning(self, bench) -> None:
        bench.write("facts.jsonl", records(1) + "\nnot json\n" + records(2) + "\n[]\n")
        (outcome,) = bench.ingest()
        assert outcome.status is FileStatus.WARNINGS
        assert outcome.warnings == ("Line 2: this is not JSON.", "Line 4: this is not a JSON object.")
        assert len(bench.documents()) == 2

    def test_odd_strings_everywhere(self, bench) -> None:
        odd = '{"_id": "\\ud800", "title": "\\u0000t", "text": "fact \\udfff", "more": {"\\ud800": ["\\ud800", NaN]}}'
        bench.write("facts.jsonl", odd)
        assert [o.status for o in bench.ingest()] == [FileStatus.DONE]
        assert [o.status for o in bench.ingest()] == [FileStatus.UNCHANGED]
        json.dumps(bench.documents()[0].metadata, ensure_ascii=False).encode()

    def test_stopped_between_groups(self, bench) -> None:
        bench.write("facts.jsonl", records(*range(600)))

        def stop(_, step) -> None:
            if step.stage == "reading" and step.done > 300:
                raise Cancelled("Stopped.")

        with pytest.raises(Cancelled):
            bench.ingest(report=stop)
        assert len(bench.documents()) == 256
        bench.assert_consistent()
        bench.ingest()
        assert len(bench.documents()) == 600
        bench.assert_consistent()


@pytest.mark.evals
def test_three_damaged_files_among_twenty_real_ones(make_bench, evals: Path) -> None:
    bench = make_bench(loaders=default_loaders())
    sources = (
        sorted((evals / "docs-docling").rglob("*.html"))[:9] + sorted((evals / "docs-docling").rglob("*.docx"))[:8]
    )
    for source in sources:
        bench.write(source.name, source.read_bytes())
    filing = next((evals / "financebench" / "pdfs").glob("*.pdf")).read_bytes()
    bench.write("cut.pdf", filing[: len(filing) // 3])
    bench.write("junk.pdf", b"%PDF-1.7 junk")
    bench.write("cut.docx", sources[-1].read_bytes()[:5000])
    outcomes = {Path(o.path).name: o for o in bench.ingest()}
    assert len(outcomes) == 20
    failed = {name for name, o in outcomes.items() if o.status is FileStatus.FAILED}
    assert {"junk.pdf", "cut.docx"} <= failed
    assert not failed & {source.name for source in sources}
    bench.assert_consistent()
