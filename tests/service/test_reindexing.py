"""The switch of embedders as people meet it: a job that ends, goes on, is given up, and follows the settings."""

from __future__ import annotations

import threading

import pytest

from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.core.errors import Conflict, NotFound
from basicchat.core.protocols import JobQueue, silent
from basicchat.core.types import Chunk, Document, JobState, Page
from basicchat.ingest.index import Projections
from basicchat.ingest.prepare import Prepared
from basicchat.ingest.standing import Kept
from basicchat.ingest.switch import Switch
from basicchat.service.reindexing import Reindexing
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.jobs import InlineJobQueue
from basicchat.testing.store import MemoryStore


class SlowEmbedder(HashingEmbedder):
    """Waits for ``go`` before every batch."""

    go = threading.Event()

    def embed_passages(self, texts):
        assert self.go.wait(60)
        return super().embed_passages(texts)


class Bench:
    """Three passages, and what switches their embedder."""

    def __init__(self, jobs: JobQueue) -> None:
        self.jobs = jobs
        self.store = MemoryStore()
        self.indexes: dict[str, MemoryVectorIndex] = {}
        self.absent: set[str] = set()
        SlowEmbedder.go.set()
        self.open("32")
        chunks = [Chunk(f"c{number}", "d", number, 1, 0, 5, f"text {number}") for number in range(3)]
        document = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 3, 0.0)
        projections = Projections(self.store, self.switch.generations, MemoryLexicalIndex(), 8)
        projections.write([Prepared(document, [Page(1, "text")], chunks)], tell=silent)

    def open(self, configured: str) -> Reindexing:
        self.switch = Switch(
            store=self.store,
            open_index=lambda name: self.indexes.setdefault(name, MemoryVectorIndex()),
            make_embedder=lambda name: SlowEmbedder(dimension=int(name)),
            first=Kept("first", configured),
            configured=configured,
            batch_size=8,
        )
        self.reindexing = Reindexing(
            switch=self.switch,
            jobs=self.jobs,
            store=self.store,
            reindexer=self,
            trouble_with=lambda name: "It is not installed." if name in self.absent else "",
        )
        return self.reindexing

    def reindex(self, document_ids=None, *, report=None) -> int:
        return len(document_ids)

    @property
    def dimension(self) -> int:
        return self.switch.generations.current.embedder.dimension


@pytest.fixture
def bench() -> Bench:
    return Bench(InlineJobQueue())


@pytest.fixture
def threaded():
    jobs = ThreadJobQueue()
    yield Bench(jobs)
    SlowEmbedder.go.set()
    jobs.close()


def test_there_back_and_dropped(bench: Bench) -> None:
    job = bench.reindexing.switch("64")
    assert job is not None
    assert (job.state, job.result, job.kind) == (JobState.DONE, "64", "reindex")
    status = bench.reindexing.status()
    assert (status.active, status.building, status.previous) == ("64", "", "32")
    assert bench.reindexing.back().result == "32"
    assert bench.dimension == 32
    assert bench.reindexing.drop_old() == "64"
    for nothing in (bench.reindexing.drop_old, bench.reindexing.back):
        with pytest.raises(NotFound):
            nothing()
    assert bench.reindexing.switch("32") is None


def test_progress_is_shown_and_a_third_one_has_to_wait(threaded: Bench) -> None:
    SlowEmbedder.go.clear()
    job = threaded.reindexing.switch("64")
    assert job is not None
    again = threaded.reindexing.switch("64")
    assert again is not None
    assert again.id == job.id
    with pytest.raises(Conflict, match="64"):
        threaded.reindexing.switch("128")
    status = threaded.reindexing.status()
    assert (status.active, status.building) == ("32", "64")
    assert threaded.dimension == 32
    SlowEmbedder.go.set()
    assert threaded.jobs.wait(job.id, 60).state is JobState.DONE
    assert threaded.dimension == 64
    last = threaded.reindexing.status().job
    assert last is not None
    assert (last.done, last.total, last.unit) == (3, 3, "passages")


def test_naming_the_one_that_serves_gives_a_switch_up(threaded: Bench) -> None:
    SlowEmbedder.go.clear()
    job = threaded.reindexing.switch("64")
    assert job is not None
    assert threaded.reindexing.switch("32") is None
    SlowEmbedder.go.set()
    assert threaded.jobs.wait(job.id, 60).state in (JobState.CANCELLED, JobState.FAILED)
    status = threaded.reindexing.status()
    assert (status.active, status.building) == ("32", "")
    assert threaded.reindexing.resume() is None


def test_a_changed_setting_is_followed_when_the_model_is_there(bench: Bench) -> None:
    bench.absent.add("64")
    bench.open("64")
    assert bench.reindexing.resume() is None
    assert bench.dimension == 32
    bench.absent.clear()
    assert bench.reindexing.resume() is not None
    assert bench.dimension == 64
    bench.open("64")
    assert bench.reindexing.resume() is None


def test_a_switch_that_a_restart_interrupted_goes_on(bench: Bench) -> None:
    bench.switch.begin(bench.switch.planned("64"))
    assert bench.open("32").status().building == "64"
    assert bench.reindexing.resume() is not None
    assert bench.dimension == 64


def test_the_doctor_sees_other_weights(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [check.ok for check in bench.reindexing.checks(False)] == [True]
    monkeypatch.setattr(SlowEmbedder, "name", property(lambda self: f"hashing-{self.dimension}@2"))
    (check,) = bench.reindexing.checks(False)
    assert not check.ok
    assert "doctor --repair" in check.repair
    assert [check.ok for check in bench.reindexing.checks(True)] == [True]
    assert bench.switch.generations.current.name != "first"
    bench.absent.add("32")
    (check,) = bench.reindexing.checks(False)
    assert "not installed" in check.detail
