from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.errors import Cancelled, Conflict, InvalidInput, NotFound
from basicchat.core.generations import Generation
from basicchat.core.types import FileStatus, JobState, Progress, Scope
from basicchat.ingest.generations import Generations
from basicchat.ingest.pipeline import IngestConfig, Ingestor
from basicchat.service.folders import Folders
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.jobs import InlineJobQueue
from basicchat.testing.loading import TextLoader


class CountingEmbedder(HashingEmbedder):
    def __init__(self) -> None:
        super().__init__(dimension=16)
        self.texts: list[str] = []

    def embed_passages(self, texts):
        self.texts += texts
        return super().embed_passages(texts)


class CountingLoader(TextLoader):
    def __init__(self) -> None:
        self.read: list[str] = []

    def load(self, path, **options):
        self.read.append(Path(path).name)
        return super().load(path, **options)


class Desk:
    """A followed folder and a library over fakes."""

    def __init__(self, base: Path, store=None, jobs=None) -> None:
        self.root = base / "papers"
        self.root.mkdir()
        self.store = store or SqlStore(base / "library.sqlite")
        self.embedder, self.loader = CountingEmbedder(), CountingLoader()
        self.vectors, self.lexical = MemoryVectorIndex(), MemoryLexicalIndex()
        self.jobs = jobs or InlineJobQueue()
        self.ingestor = Ingestor(
            loaders=[self.loader],
            generations=Generations(Generation("first", self.embedder, self.vectors)),
            store=self.store,
            lexical=self.lexical,
            files=base / "files",
            config=IngestConfig(),
        )
        self.folders = Folders(ingestor=self.ingestor, store=self.store, jobs=self.jobs)

    def write(self, name: str, text: str | bytes, *, age: float = 100.0) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        self.age(path, age)
        return path

    def age(self, path: Path, seconds: float) -> None:
        """Make a file look as old as files mostly are, so that its time of change can be trusted."""
        at = path.stat().st_mtime_ns - int(seconds * 1e9)
        os.utime(path, ns=(at, at))

    def sync(self, **options):
        (report,) = self.folders.sync(**options)
        return report

    def fresh(self) -> list[str]:
        """Texts embedded and files read since the last time."""
        done = [*self.embedder.texts, *self.loader.read]
        self.embedder.texts.clear()
        self.loader.read.clear()
        return done

    def sources(self) -> dict[str, str]:
        with self.store.begin() as unit:
            return {entry.source: entry.document.id for entry in unit.documents.entries()}

    def found(self, text: str) -> list[str]:
        hits = self.lexical.search(text, scope=Scope("default"), top_k=10)
        with self.store.begin() as unit:
            chunks = unit.documents.chunks_by_id([identity for identity, _ in hits])
            return sorted(unit.documents.get(chunk.document_id).source for chunk in chunks.values())


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path)
    yield made
    made.ingestor.close()
    made.store.close()


def counts(report) -> dict[str, int]:
    words = ("unchanged", "taken", "moved", "failed", "removed")
    return {word: getattr(report, word) for word in words if getattr(report, word)}


def test_a_thousand_files_cost_nothing_the_second_time(desk: Desk) -> None:
    for number in range(1000):
        desk.write(f"{number % 10}/{number}.txt", f"Note {number} about harbours.")
    desk.folders.add(desk.root)
    assert counts(desk.sync()) == {"taken": 1000}
    assert len(desk.fresh()) == 2000
    assert counts(desk.sync()) == {"unchanged": 1000}
    assert desk.fresh() == [], "nothing was read and nothing embedded"


def test_what_is_new_changed_renamed_and_deleted_is_followed(desk: Desk) -> None:
    for name in ("same", "changed", "old name", "gone"):
        desk.write(f"{name}.txt", f"This is {name}.")
    folder = desk.folders.add(desk.root)
    assert folder.synced_at is None
    assert counts(desk.sync()) == {"taken": 4}
    before = desk.sources()
    desk.fresh()
    desk.write("changed.txt", "This is different now.", age=50)
    (desk.root / "deep").mkdir()
    (desk.root / "old name.txt").rename(desk.root / "deep" / "new name.txt")
    (desk.root / "gone.txt").unlink()
    desk.write("new.txt", "This is new.")
    assert counts(desk.sync()) == {"unchanged": 1, "taken": 2, "moved": 1, "removed": 1}
    after = desk.sources()
    assert {Path(source).name for source in after} == {"same.txt", "changed.txt", "new name.txt", "new.txt"}
    moved = after[str(desk.root / "deep" / "new name.txt")]
    assert moved == before[str(desk.root / "old name.txt")], "citations of it still work"
    assert desk.found("old name") == [str(desk.root / "deep" / "new name.txt")]
    assert len([text for text in desk.embedder.texts if "old name" in text or "same" in text]) == 0
    assert desk.found("gone") == []
    assert desk.folders.all()[0].synced_at is not None
    assert counts(desk.sync()) == {"unchanged": 4}


def test_touched_files_are_not_read_again(desk: Desk) -> None:
    path = desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    desk.sync()
    desk.fresh()
    desk.age(path, -40)
    assert counts(desk.sync()) == {"unchanged": 1}
    assert desk.embedder.texts == []
    desk.fresh()
    assert counts(desk.sync()) == {"unchanged": 1}
    assert desk.fresh() == []


def test_a_change_in_the_very_moment_is_not_missed(desk: Desk) -> None:
    path = desk.write("a.txt", "alpha", age=0)
    desk.folders.add(desk.root)
    desk.sync()
    stamp = path.stat().st_mtime_ns
    path.write_text("omega")
    os.utime(path, ns=(stamp, stamp))
    assert counts(desk.sync()) == {"taken": 1}
    assert desk.found("omega")


@pytest.mark.parametrize("lost", ["missing", "empty"])
def test_an_unconnected_disk_deletes_nothing(desk: Desk, tmp_path: Path, lost: str) -> None:
    desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    desk.sync()
    desk.root.rename(tmp_path / "elsewhere")
    if lost == "empty":
        desk.root.mkdir()
    report = desk.sync()
    assert counts(report) == {}
    assert str(desk.root) in report.problem
    assert "stay in the library" in report.problem
    assert desk.found("alpha")
    if lost == "empty":
        desk.root.rmdir()
    (tmp_path / "elsewhere").rename(desk.root)
    assert counts(desk.sync()) == {"unchanged": 1}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_folder_that_cannot_be_read_deletes_nothing(desk: Desk) -> None:
    desk.write("shut/a.txt", "alpha")
    desk.write("b.txt", "beta")
    desk.folders.add(desk.root)
    desk.sync()
    (desk.root / "shut").chmod(0)
    try:
        report = desk.sync()
    finally:
        (desk.root / "shut").chmod(0o700)
    assert "shut" in report.problem
    assert desk.found("alpha")


def test_the_same_bytes_at_two_paths_are_two_entries_and_one_embedding(desk: Desk) -> None:
    first, second = desk.write("a.txt", "alpha"), desk.write("copy/a.txt", "alpha")
    desk.folders.add(desk.root)
    assert counts(desk.sync()) == {"taken": 2}
    assert len(desk.embedder.texts) == 1
    assert set(desk.sources()) == {str(first), str(second)}
    assert len(set(desk.sources().values())) == 1
    first.unlink()
    assert counts(desk.sync()) == {"unchanged": 1, "removed": 1}
    assert desk.found("alpha") == [str(second)]


def test_a_failed_file_waits_until_it_is_mended(desk: Desk) -> None:
    desk.write("bad.txt", b"\xff\xfe\x00bad")
    desk.write("good.txt", "good")
    desk.folders.add(desk.root)
    assert counts(desk.sync()) == {"taken": 1, "failed": 1}
    (bad, _) = desk.folders.files(str(desk.root))
    assert (bad.status, bad.error) == (FileStatus.FAILED, bad.error)
    assert bad.error
    desk.fresh()
    assert counts(desk.sync()) == {"unchanged": 2}
    assert desk.fresh() == [], "it is not tried again by itself"
    assert counts(desk.sync(again=True)) == {"unchanged": 1, "failed": 1}
    desk.write("bad.txt", "mended", age=10)
    assert counts(desk.sync()) == {"unchanged": 1, "taken": 1}
    assert desk.found("mended")


def test_ignored_hidden_and_foreign_files_are_left_out(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    for name in (
        "a.txt",
        "draft.tmp",
        ".hidden.txt",
        "build/b.txt",
        "notes/c.txt",
        "notes/private/d.txt",
        "keep.log.txt",
    ):
        desk.write(name, f"text of {name}")
    desk.write("picture.bin", b"\x00\x01\x02\xff" * 10)
    desk.write(".basicchatignore", "build/\n")
    desk.write("notes/.basicchatignore", "private\n")
    if os.name == "posix":
        (desk.root / "link.txt").symlink_to(outside)
        (desk.root / "circle").symlink_to(desk.root)
    desk.folders.add(desk.root, ignore=["*.log.txt"])
    desk.sync()
    assert {Path(source).name for source in desk.sources()} == {"a.txt", "c.txt"}
    desk.fresh()
    desk.sync()
    assert desk.fresh() == []
    desk.folders.add(desk.root, ignore=["a.txt"])
    assert counts(desk.sync())["removed"] == 1
    assert {Path(source).name for source in desk.sources()} == {"c.txt", "keep.log.txt"}


def test_a_sync_and_an_upload_of_the_same_file_embed_once(desk: Desk) -> None:
    path = desk.write("a.txt", " ".join(f"word{number}" for number in range(3000)))
    desk.folders.add(desk.root)
    both = threading.Barrier(2)
    outcomes = []

    def upload() -> None:
        both.wait(10)
        outcomes.extend(desk.ingestor.ingest([path], names={path: "a.txt"}))

    thread = threading.Thread(target=upload)
    thread.start()
    both.wait(10)
    report = desk.sync()
    thread.join(30)
    assert counts(report) == {"taken": 1}
    assert outcomes[0].status in {FileStatus.DONE, FileStatus.DUPLICATE}
    assert len(desk.embedder.texts) == len(set(desk.embedder.texts))
    assert set(desk.sources()) == {str(path), "a.txt"}


def test_removing_a_folder_keeps_or_removes_its_documents(desk: Desk) -> None:
    desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    desk.sync()
    assert desk.folders.remove(str(desk.root)) == 0
    assert desk.found("alpha")
    folder = desk.folders.add(desk.root)
    desk.sync()
    assert desk.folders.remove(folder.id, documents=True) == 1
    assert desk.sources() == {}
    assert desk.folders.all() == []
    with pytest.raises(NotFound):
        desk.folders.remove(folder.id)


def test_a_paused_folder_is_synced_only_by_name(desk: Desk) -> None:
    desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    desk.folders.pause(str(desk.root))
    assert desk.folders.sync() == []
    assert counts(desk.sync(folder=str(desk.root))) == {"taken": 1}
    assert not desk.folders.pause(str(desk.root), paused=False).paused


def test_folders_that_make_no_sense_are_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        desk.folders.add(tmp_path / "absent")
    with pytest.raises(InvalidInput):
        desk.folders.add(desk.write("a.txt", "alpha"))
    desk.folders.add(desk.root)
    (desk.root / "deep").mkdir()
    for other in (desk.root / "deep", tmp_path):
        with pytest.raises(Conflict):
            desk.folders.add(other)
    assert desk.folders.add(desk.root / "deep", collection="other").collection == "other"
    with pytest.raises(NotFound):
        desk.folders.sync(folder="absent")


def test_in_the_background_each_file_is_an_item_of_the_job(desk: Desk) -> None:
    desk.write("a.txt", "alpha")
    desk.write("bad.txt", b"\xff\xfe\x00bad")
    desk.folders.add(desk.root)
    job = desk.folders.submit()
    assert (job.kind, job.state) == ("sync", JobState.DONE)
    assert job.result[0]["taken"] == 1
    assert job.result[0]["failed"] == 1
    items = desk.jobs.items(job.id)
    assert [(item.name, item.status) for item in items] == [("a.txt", FileStatus.DONE), ("bad.txt", FileStatus.FAILED)]


def test_a_sync_that_was_stopped_goes_on_where_it_was(desk: Desk) -> None:
    for number in range(20):
        desk.write(f"{number:02}.txt", f"Note {number}.")
    desk.folders.add(desk.root)

    def stop(name: str, progress: Progress) -> None:
        if progress.stage == "syncing" and progress.done == 7:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        desk.folders.sync(report=stop)
    assert len(desk.sources()) == 7
    assert counts(desk.sync()) == {"unchanged": 7, "taken": 13}
    assert len(desk.embedder.texts) == 20


def test_the_same_sync_is_not_queued_twice(tmp_path: Path) -> None:
    desk = Desk(tmp_path, jobs=ThreadJobQueue(workers=1))
    gate = threading.Event()
    desk.jobs.register("wait", lambda *_: gate.wait(10))
    desk.jobs.submit("wait", None)
    desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    try:
        first, second = desk.folders.submit(), desk.folders.submit()
        assert first.id == second.id
    finally:
        gate.set()
    assert desk.jobs.wait(first.id, 10).state is JobState.DONE
    desk.jobs.close()
    desk.ingestor.close()
    desk.store.close()


def test_a_copy_of_the_folder_elsewhere_is_another_folder(desk: Desk, tmp_path: Path) -> None:
    desk.write("a.txt", "alpha")
    desk.folders.add(desk.root)
    desk.sync()
    shutil.copytree(desk.root, tmp_path / "backup")
    desk.folders.add(tmp_path / "backup", collection="backup")
    first, second = desk.folders.sync()
    assert {counts(first).get("taken", 0), counts(second).get("taken", 0)} == {0, 1}
    assert len(desk.embedder.texts) == 1, "vectors are shared by collections"
