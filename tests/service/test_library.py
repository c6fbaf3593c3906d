from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from basicchat.adapters.load import default_loaders, default_renderers
from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.generations import Generation
from basicchat.core.types import FileOutcome, FileStatus, Job, JobState
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.service.inbox import shown_name
from basicchat.service.jobs import outcome_of
from basicchat.service.library import Library
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.jobs import InlineJobQueue
from basicchat.testing.store import MemoryStore


@pytest.fixture
def library(tmp_path: Path) -> Library:
    store = MemoryStore()
    files = tmp_path / "home" / "files"
    ingestor = Ingestor(
        loaders=default_loaders(),
        generations=Generations(Generation("first", HashingEmbedder(), MemoryVectorIndex())),
        store=store,
        lexical=MemoryLexicalIndex(),
        files=files,
        config=IngestConfig(),
    )
    return Library(
        ingestor=ingestor,
        store=store,
        renderers=default_renderers(),
        files=files,
        jobs=InlineJobQueue(),
        inbox=tmp_path / "home" / "inbox",
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def written(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return written


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    drawn = canvas.Canvas(str(tmp_path / "ports.pdf"))
    drawn.drawString(72, 700, "The harbour is open.")
    drawn.save()
    return tmp_path / "ports.pdf"


def outcomes(library: Library, job: Job) -> list[FileOutcome]:
    return [outcome_of(item) for item in library.job(job.id).items]


def test_what_went_in_is_listed(library: Library, write) -> None:
    (outcome,) = library.ingest([write("a.txt", "alpha")], collection="notes")
    document = library.document(outcome.document_id)
    assert library.documents() == library.documents("notes") == [document]
    assert library.documents("default") == []
    assert library.collections() == ["notes"]
    assert library.page(document.id, 1).text == "alpha"
    assert library.original(document.id).read_text() == "alpha"


def test_sources_have_no_detours_now_or_in_the_background(library: Library, write, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    first, second = write("a.txt", "alpha"), write("b.txt", "beta")
    list(library.ingest([tmp_path / "deep" / ".." / "a.txt"]))
    library.submit([tmp_path / "deep" / ".." / "b.txt"])
    assert {document.source for document in library.documents()} == {str(first), str(second)}


def test_in_the_background(library: Library, write) -> None:
    job = library.submit([write("a.txt", "alpha"), write("b.txt", "")])
    assert (job.kind, job.state, job.title) == ("ingest", JobState.DONE, "2 files")
    assert [o.status for o in outcomes(library, job)] == [FileStatus.DONE, FileStatus.FAILED]


def test_uploads_are_named_for_people_and_kept_under_names_of_our_own(library: Library, tmp_path: Path) -> None:
    job = library.submit_uploads([("../../etc/notes.txt", b"alpha"), ("C:\\docs\\notes.txt", b"beta")])
    assert [o.path for o in outcomes(library, job)] == ["notes.txt", "notes (2).txt"]
    assert [o.status for o in outcomes(library, job)] == [FileStatus.DONE] * 2
    assert {document.source for document in library.documents()} == {"notes.txt", "notes (2).txt"}
    assert list((tmp_path / "home" / "inbox").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    for document in library.documents():
        original = library.original(document.id)
        assert original.is_relative_to(tmp_path / "home" / "files")
        assert original.stem == document.digest


def test_an_upload_of_the_same_name_replaces(library: Library) -> None:
    library.submit_uploads([("notes.txt", b"alpha")])
    library.submit_uploads([("notes.txt", b"omega")])
    (document,) = library.documents()
    assert library.page(document.id, 1).text == "omega"


def test_forgotten_uploads_are_swept(library: Library, tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    old, new = inbox / "old", inbox / "new"
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (1, 1))
    library.submit_uploads([("notes.txt", b"alpha")])
    assert [path.name for path in inbox.iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("/a/b/report.pdf", "report.pdf"),
        ("..\\..\\report.pdf", "report.pdf"),
        ("a\nb\u202e\0.txt", "a b .txt"),
        ("", "document"),
        ("..", "document"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_shown_names(given: str, shown: str) -> None:
    assert shown_name(given) == shown


@pytest.mark.parametrize("collection", ["", "  ", "x" * 101, "a\u202eb"])
def test_collections_need_a_name(library: Library, write, collection: str) -> None:
    with pytest.raises(InvalidInput):
        library.submit([write("a.txt", "alpha")], collection=collection)
    with pytest.raises(InvalidInput):
        library.ingest([write("a.txt", "alpha")], collection=collection)
    with pytest.raises(InvalidInput):
        library.submit_uploads([("a.txt", b"alpha")], collection=collection)


def test_remove(library: Library, write) -> None:
    (outcome,) = library.ingest([write("a.txt", "alpha")])
    library.remove(outcome.document_id)
    assert library.documents() == []
    for ask in (library.remove, library.document, library.original):
        with pytest.raises(NotFound):
            ask(outcome.document_id)


def test_pages_of_a_pdf_can_be_seen(library: Library, sheet: Path) -> None:
    (outcome,) = library.ingest([sheet])
    image = library.page_image(outcome.document_id, 1, start=4, end=11, width=300)
    assert image is not None
    assert image.width == 300
    assert len(image.boxes) == 1
    with pytest.raises(NotFound):
        library.page_image(outcome.document_id, 2)
    with pytest.raises(NotFound):
        library.page(outcome.document_id, 2)


def test_no_picture_without_pages_or_original(library: Library, sheet: Path, write) -> None:
    (text,) = library.ingest([write("a.txt", "alpha")])
    assert library.page_image(text.document_id, 1) is None
    (pdf,) = library.ingest([sheet])
    library.original(pdf.document_id).write_bytes(b"damaged")
    assert library.page_image(pdf.document_id, 1) is None
    library.original(pdf.document_id).unlink()
    assert library.page_image(pdf.document_id, 1) is None
    assert library.original(pdf.document_id) is None
