from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest

from basicchat.core.types import Job, JobState, WatchedFolder
from basicchat.service.following import Following

WAIT = 10.0


class Folders:
    """Two followed folders; remembers what was to be synced."""

    def __init__(self) -> None:
        self.known = [WatchedFolder("a", "/a"), WatchedFolder("b", "/b"), WatchedFolder("c", "/c", paused=True)]
        self.submitted: Queue[str] = Queue()

    def all(self) -> list[WatchedFolder]:
        return self.known

    def submit(self, folder: str) -> None:
        self.submitted.put(folder)


class Jobs:
    """A queue in which a sync runs or not."""

    running = False

    def find(self, *, kind: str) -> list[Job]:
        return [Job("1", kind, "", JobState.RUNNING)] if self.running else []


class Notices:
    """Hands on what a test says has happened."""

    def __init__(self) -> None:
        self.happened: Queue[frozenset[Path]] = Queue()
        self.watched: list[list[Path]] = []

    def __call__(self, roots: Sequence[Path], stop: threading.Event) -> Iterator[frozenset[Path]]:
        self.watched.append(list(roots))
        while not stop.is_set():
            try:
                yield self.happened.get(timeout=0.02)
            except Exception:  # noqa: BLE001 - the queue is empty
                yield frozenset()


@pytest.fixture
def parts():
    folders, jobs, notices = Folders(), Jobs(), Notices()
    following = Following(folders=folders, jobs=jobs, notice=notices)
    yield following, folders, jobs, notices
    following.close()


def test_every_folder_is_synced_at_the_start(parts) -> None:
    following, folders, _, notices = parts
    following.start()
    assert {folders.submitted.get(timeout=WAIT) for _ in range(2)} == {"/a", "/b"}
    assert notices.watched == [[Path("/a"), Path("/b")]], "a paused one is left alone"


def test_what_happens_during_a_sync_is_synced_after_it(parts) -> None:
    following, folders, jobs, notices = parts
    following.start()
    for _ in range(2):
        folders.submitted.get(timeout=WAIT)
    jobs.running = True
    for _ in range(50):
        notices.happened.put(frozenset({Path("/b")}))
    while not notices.happened.empty():
        threading.Event().wait(0.01)
    assert folders.submitted.empty()
    jobs.running = False
    assert folders.submitted.get(timeout=WAIT) == "/b"
    threading.Event().wait(0.1)
    assert folders.submitted.empty(), "a burst is one sync"


def test_a_folder_that_comes_is_watched_and_synced(parts) -> None:
    following, folders, _, notices = parts
    following.start()
    for _ in range(2):
        folders.submitted.get(timeout=WAIT)
    folders.known = [*folders.known[:2], replace(folders.known[2], paused=False)]
    assert folders.submitted.get(timeout=WAIT) == "/c"
    assert notices.watched[-1] == [Path("/a"), Path("/b"), Path("/c")]
