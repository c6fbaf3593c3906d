from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from basicchat.core.errors import Cancelled, UnreadableDocument
from basicchat.core.types import Progress
from basicchat.ingest import ahead
from basicchat.ingest.ahead import ReadAhead

WAIT = 10.0


@dataclass(frozen=True)
class File:
    path: Path


class Shelf:
    """Files that are read only when their gate is open."""

    def __init__(self, folder: Path, sizes: dict[str, int]) -> None:
        self.files = {}
        for name, size in sizes.items():
            (folder / name).write_bytes(b"x" * size)
            self.files[name] = File(folder / name)
        self.gates = {file: threading.Event() for file in self.files.values()}
        self.begun: list[str] = []
        self.threads: list[str] = []
        self.entered = threading.Semaphore(0)

    def read(self, file: File, tell) -> str:
        self.begun.append(file.path.name)
        self.threads.append(threading.current_thread().name)
        self.entered.release()
        while not self.gates[file].wait(0.01):
            tell(Progress("reading", 1, 2))
        if file.path.name.startswith("bad"):
            raise UnreadableDocument("bad")
        return file.path.name.upper()

    def open(self) -> None:
        for gate in self.gates.values():
            gate.set()


def silent(_) -> None:
    pass


@pytest.fixture
def shelf(tmp_path: Path):
    made = Shelf(tmp_path, {f"{letter}.txt": 10 for letter in "abcdef"} | {"bad.txt": 1})
    yield made
    made.open()


def test_what_was_wanted_is_read_by_the_time_it_is_taken(shelf: Shelf) -> None:
    reader = ReadAhead(shelf.read)
    files = [shelf.files["a.txt"], shelf.files["b.txt"]]
    shelf.open()
    reader.want(files)
    assert [reader.take(file, silent) for file in files] == ["A.TXT", "B.TXT"]
    assert sorted(shelf.begun) == ["a.txt", "b.txt"], "each was read once"
    assert all(name.startswith("read-ahead") for name in shelf.threads)
    reader.close()


def test_little_is_read_at_one_time(shelf: Shelf) -> None:
    reader = ReadAhead(shelf.read)
    shelf.open()
    reader.want(shelf.files[f"{letter}.txt"] for letter in "abcdef")
    for _ in range(ahead.MOST_FILES):
        assert shelf.entered.acquire(timeout=WAIT)
    assert not shelf.entered.acquire(timeout=0.1)
    reader.take(shelf.files["a.txt"], silent)
    assert shelf.entered.acquire(timeout=WAIT), "taking one makes room for another"
    reader.close()


def test_large_files_are_not_read_ahead(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(ahead, "MOST_BYTES", 100)
    shelf = Shelf(tmp_path, {"large.txt": 101, "a.txt": 60, "b.txt": 60})
    reader = ReadAhead(shelf.read)
    shelf.open()
    reader.want(shelf.files.values())
    assert shelf.entered.acquire(timeout=WAIT)
    assert not shelf.entered.acquire(timeout=0.1)
    assert shelf.begun == ["a.txt"]
    assert reader.take(shelf.files["large.txt"], silent) == "LARGE.TXT"
    reader.close()


def test_errors_are_raised_to_who_takes(shelf: Shelf) -> None:
    reader = ReadAhead(shelf.read)
    shelf.open()
    reader.want([shelf.files["bad.txt"]])
    with pytest.raises(UnreadableDocument):
        reader.take(shelf.files["bad.txt"], silent)
    reader.close()


def test_waiting_is_told_and_can_be_stopped(shelf: Shelf) -> None:
    reader = ReadAhead(shelf.read)
    file = shelf.files["a.txt"]
    reader.want([file])
    told = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) > 1:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        reader.take(file, tell)
    assert {progress.stage for progress in told} == {"reading"}
    reader.close()  # would not end if the reading went on
    shelf.open()
    assert reader.take(file, silent) == "A.TXT"


def test_what_nobody_wants_is_dropped(shelf: Shelf) -> None:
    reader = ReadAhead(shelf.read)
    file = shelf.files["a.txt"]
    reader.want([file, shelf.files["b.txt"]])
    assert shelf.entered.acquire(timeout=WAIT)
    reader.forget_where({file.path})
    shelf.open()
    assert reader.take(file, silent) == "A.TXT"
    assert threading.current_thread().name in shelf.threads, "it was read here, as the other reading was stopped"
    reader.close()


def test_each_stage_is_heard_however_long_ago_it_was(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, {"a.txt": 1})
    done = threading.Event()

    def read(file: File, tell) -> str:
        tell(Progress("reading", 1, 1))
        tell(Progress("cutting", 1, 1))
        done.set()
        return "read"

    reader = ReadAhead(read)
    reader.want([shelf.files["a.txt"]])
    assert done.wait(WAIT)
    told = []
    reader.take(shelf.files["a.txt"], told.append)
    assert list(dict.fromkeys(progress.stage for progress in told)) == ["reading", "cutting"]
    reader.close()
