"""Taking files in in the background: one bad file never sinks a batch, nothing is done twice, nothing is lost."""

from __future__ import annotations

import io
import os
import shutil
import threading
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from basicchat.adapters.load import default_loaders
from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.core.errors import BasicChatError, Conflict, InvalidInput, NotFound
from basicchat.core.generations import Generation
from basicchat.core.types import FileStatus, JobState
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.service.inbox import KEPT_SECONDS
from basicchat.service.library import Library
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.jobs import InlineJobQueue
from basicchat.testing.store import MemoryStore


class CountingEmbedder(HashingEmbedder):
    """Counts what it embeds, and waits at the gate before each batch."""

    def __init__(self):
        super().__init__()
        self.texts = Counter()
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def embed_passages(self, texts):
        self.reached.set()
        self.gate.wait(30)
        self.texts.update(texts)
        return super().embed_passages(texts)


class Shelf:
    """A library over fakes whose parts outlive the queue, as files do."""

    def __init__(self, home: Path):
        self.home = home
        self.inbox = home / "inbox"
        self.embedder = CountingEmbedder()
        self.store = MemoryStore()
        self.ingestor = Ingestor(
            loaders=default_loaders(),
            generations=Generations(Generation("first", self.embedder, MemoryVectorIndex())),
            store=self.store,
            lexical=MemoryLexicalIndex(),
            files=home / "files",
            config=IngestConfig(),
        )

    def library(self, jobs) -> Library:
        return Library(
            ingestor=self.ingestor,
            store=self.store,
            renderers=(),
            files=self.home / "files",
            jobs=jobs,
            inbox=self.inbox,
        )


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path / "home")
    yield shelf
    shelf.embedder.gate.set()
    shelf.ingestor.close()


@pytest.fixture
def library(shelf):
    return shelf.library(InlineJobQueue())


@pytest.fixture
def opened(tmp_path, engine_file, shelf):
    """Opens a library over a durable queue, as one process after another would."""
    queues = []

    def open_library():
        folder = tmp_path / "jobs"
        if not folder.exists():
            folder.mkdir()
            shutil.copy(engine_file, folder / "engine.sqlite")
        queues.append(DurableJobQueue(folder, poll_seconds=0.02))
        return shelf.library(queues[-1]), queues[-1]

    yield open_library
    shelf.embedder.gate.set()
    for queue in queues:
        queue.close()


def pdf(text, password=""):
    plain, out = io.BytesIO(), io.BytesIO()
    drawn = canvas.Canvas(plain)
    drawn.drawString(72, 700, text)
    drawn.save()
    if not password:
        return plain.getvalue()
    writer = PdfWriter(clone_from=PdfReader(plain))
    writer.encrypt(password, algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def statuses(view):
    return [item.status for item in view.items]


def test_three_of_a_hundred_files_are_corrupt(opened, tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number:03}.txt").write_text(f"Paper {number} is about subject {number * 7}.")
    (folder / "017.pdf").write_bytes(pdf("half of a file")[:200])
    (folder / "042.docx").write_bytes(b"PK\x03\x04 not a package")
    (folder / "099.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    for number in (17, 42, 99):
        (folder / f"{number:03}.txt").unlink()
    library, queue = opened()
    job = queue.wait(library.submit([folder]).id, 120)
    assert (job.state, job.result) == (JobState.DONE, {"done": 97, "failed": 3})
    view = library.job(job.id)
    assert (view.files_total, view.files_done, view.failed) == (100, 100, 3)
    bad = [item for item in view.items if item.status is FileStatus.FAILED]
    assert [item.name for item in bad] == ["017.pdf", "042.docx", "099.pdf"]
    assert all(item.error for item in bad)
    assert [problem.item.name for problem in library.problems()] == ["017.pdf", "042.docx", "099.pdf"]
    assert len(library.documents()) == 97


def test_a_restart_in_the_middle_takes_each_file_in_once(opened, shelf, tmp_path):
    files = [tmp_path / f"{number}.txt" for number in range(6)]
    for number, file in enumerate(files):
        file.write_text(f"Number {number} of six.")
    library, queue = opened()
    shelf.embedder.gate.clear()
    job = library.submit(files)
    assert shelf.embedder.reached.wait(30)
    leaving = threading.Thread(target=queue.close)
    leaving.start()
    shelf.embedder.gate.set()
    leaving.join(60)
    library, queue = opened()
    assert queue.get(job.id).state is JobState.QUEUED
    queue.start()
    assert queue.wait(job.id, 60).state is JobState.DONE
    assert len(library.documents()) == 6
    assert set(shelf.embedder.texts.values()) == {1}
    assert all(item.started_at and item.ended_at for item in library.job(job.id).items)


def test_pausing_stops_between_or_in_files_and_goes_on(opened, shelf, tmp_path):
    files = [tmp_path / f"{number}.txt" for number in range(4)]
    for number, file in enumerate(files):
        file.write_text(f"Number {number} of four.")
    library, queue = opened()
    shelf.embedder.gate.clear()
    job = library.submit(files)
    assert shelf.embedder.reached.wait(30)
    queue.pause(job.id)
    shelf.embedder.gate.set()
    assert queue.wait(job.id, 30).state is JobState.PAUSED
    assert len(library.documents()) < 4
    queue.resume(job.id)
    assert queue.wait(job.id, 30).state is JobState.DONE
    assert len(library.documents()) == 4
    assert set(shelf.embedder.texts.values()) == {1}


def test_files_are_called_by_their_names_and_lie_where_they_lie(library, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.txt").write_text("alpha")
    (tmp_path / "deep" / "unknown.bin").write_bytes(bytes(range(256)))
    view = library.job(library.submit([tmp_path / "deep", tmp_path / "gone.txt"]).id)
    assert [(item.name, item.source) for item in view.items] == [
        ("a.txt", str(tmp_path / "deep" / "a.txt")),
        ("gone.txt", str(tmp_path / "gone.txt")),
    ]
    assert statuses(view) == [FileStatus.DONE, FileStatus.FAILED]
    assert view.items[0].document_id == library.documents()[0].id
    assert (view.items[0].chunks, view.items[0].stage) == (1, "")


def test_an_archive_stands_for_all_that_is_in_it(library, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.txt", "alpha")
        archive.writestr("b.txt", "beta")
        archive.writestr("c.pdf", b"%PDF-1.7\nnothing follows")
    (item,) = library.job(library.submit([tmp_path / "all.zip"]).id).items
    assert (item.status, item.chunks, item.error) == (FileStatus.WARNINGS, 2, None)
    assert len(item.warnings) == 1
    assert "c.pdf: " in item.warnings[0]
    again = library.job(library.submit([tmp_path / "all.zip"]).id)
    assert statuses(again) == [FileStatus.WARNINGS]


def test_what_failed_is_tried_again_alone(library, tmp_path):
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    files[0].write_text("alpha")
    files[1].write_text("")
    first = library.submit(files)
    assert [problem.item.name for problem in library.problems()] == ["b.txt"]
    files[1].write_text("beta")
    second = library.retry(first.id)
    assert [(item.name, item.status) for item in library.job(second.id).items] == [("b.txt", FileStatus.DONE)]
    assert library.problems() == []
    with pytest.raises(InvalidInput):
        library.retry(second.id)
    with pytest.raises(InvalidInput):
        library.retry(first.id, [1])
    with pytest.raises(NotFound):
        library.retry("none")


def test_uploads_that_failed_are_kept_for_another_try(library, shelf):
    first = library.submit_uploads(
        [("good.txt", b"alpha"), ("locked.pdf", pdf("A secret.", "open sesame"))], collection="notes"
    )
    assert statuses(library.job(first.id)) == [FileStatus.DONE, FileStatus.NEEDS_PASSWORD]
    assert len(list(shelf.inbox.iterdir())) == 1
    wrong = library.retry(first.id, [2], "guess")
    assert statuses(library.job(wrong.id)) == [FileStatus.NEEDS_PASSWORD]
    (problem,) = library.problems()
    assert (problem.job_id, problem.item.name, problem.collection) == (wrong.id, "locked.pdf", "notes")
    right = library.retry(wrong.id, password="open sesame")
    assert statuses(library.job(right.id)) == [FileStatus.DONE]
    assert {document.source for document in library.documents("notes")} == {"good.txt", "locked.pdf"}
    assert list(shelf.inbox.iterdir()) == []
    assert library.problems() == []


def test_a_password_is_written_nowhere(opened, tmp_path, shelf, caplog):
    caplog.set_level("DEBUG")
    library, queue = opened()
    job = queue.wait(library.submit_uploads([("locked.pdf", pdf("A secret.", "open sesame"))]).id, 60)
    again = queue.wait(library.retry(job.id, password="open sesame").id, 60)
    assert again.result == {"done": 1}
    queue.close()
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"open sesame" not in written
    assert "open sesame" not in caplog.text


def test_dismissing_forgets_the_job_its_earlier_tries_and_its_uploads(library, shelf):
    first = library.submit_uploads([("locked.pdf", pdf("A secret.", "open sesame"))])
    second = library.retry(first.id, password="guess")
    library.dismiss(second.id)
    assert library.problems() == []
    assert library.activity() == []
    assert list(shelf.inbox.iterdir()) == []
    with pytest.raises(NotFound):
        library.dismiss(first.id)


def test_a_job_that_goes_on_is_not_dismissed(opened, shelf):
    library, queue = opened()
    shelf.embedder.gate.clear()
    job = library.submit_uploads([("a.txt", b"alpha")])
    assert shelf.embedder.reached.wait(30)
    with pytest.raises(Conflict):
        library.dismiss(job.id)
    assert [view.job.id for view in library.activity()] == [job.id]
    shelf.embedder.gate.set()
    assert queue.wait(job.id, 30).state is JobState.DONE


def test_uploads_of_a_job_that_waits_are_not_swept(opened, shelf):
    library, queue = opened()
    shelf.embedder.gate.clear()
    job = library.submit_uploads([("a.txt", b"alpha"), ("b.txt", b"beta")])
    assert shelf.embedder.reached.wait(30)
    queue.pause(job.id)
    shelf.embedder.gate.set()
    assert queue.wait(job.id, 30).state is JobState.PAUSED
    for path in shelf.inbox.iterdir():
        os.utime(path, (1, 1))
    (shelf.inbox / "forgotten").write_bytes(b"x")
    os.utime(shelf.inbox / "forgotten", (1, 1))
    library.submit_uploads([("c.txt", b"gamma")])
    assert not (shelf.inbox / "forgotten").exists()
    queue.resume(job.id)
    assert queue.wait(job.id, 30).result == {"done": 2}
    assert KEPT_SECONDS == 7 * 24 * 3600


def test_an_error_of_the_store_costs_the_file_alone(library, shelf, tmp_path, monkeypatch):
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for file in files:
        file.write_text(file.name)
    ingest = shelf.ingestor.ingest

    def failing(paths, **options):
        if paths[0].name == "a.txt":
            raise BasicChatError("The disk is full.", hint="Free some space.")
        return ingest(paths, **options)

    monkeypatch.setattr(shelf.ingestor, "ingest", failing)
    view = library.job(library.submit(files).id)
    assert statuses(view) == [FileStatus.FAILED, FileStatus.DONE]
    assert view.items[0].error == "The disk is full. Free some space."
