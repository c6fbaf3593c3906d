"""Files that make their reader go wrong: each ends as that file's error, within its limit, and the next one is read."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from basicchat.adapters.load.isolated import IsolatedLoader
from basicchat.adapters.load.limits import ParseLimits
from basicchat.adapters.load.worker_pool import WorkerPool
from basicchat.core.errors import BasicChatError, Cancelled, DependencyMissing, PasswordRequired, UnreadableDocument
from basicchat.core.types import LoadedDocument, Progress

READER = str(Path(__file__).with_name("faulty_reader.py"))
TIGHT = ParseLimits(
    memory_mb=200, cpu_seconds=2, wall_seconds=30, idle_seconds=2, pages=1000, output_mb=16, scratch_mb=8
)
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="what only Linux enforces")

Make = Callable[[str], Path]


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(limits=TIGHT, workers=2, command=[READER])
    yield pool
    pool.close()
    assert pool.pids == []


@pytest.fixture
def loader(pool: WorkerPool) -> IsolatedLoader:
    return IsolatedLoader(frozenset({"text/plain"}), pool)


@pytest.fixture
def file(tmp_path: Path) -> Make:
    def make(words: str) -> Path:
        path = tmp_path / f"{words.split()[0]}.txt"
        path.write_text(words, encoding="utf-8")
        return path

    return make


def read(loader: IsolatedLoader, path: Path) -> str:
    (document,) = loader.load(path)
    return document.pages[0].text


CASES = [
    pytest.param("allocate", "took more memory than 200 MB", id="allocates without end"),
    pytest.param("spin", "did not get on for 2 seconds", id="computes without end"),
    pytest.param("spin-native", "did not get on for 2 seconds", id="computes in native code"),
    pytest.param("sleep", "stood still for 2 seconds", id="hangs"),
    pytest.param("pages", "more than 1,000 pages", id="claims a billion pages"),
    pytest.param("output", "gave more than 16 MB", id="gives out too much"),
    pytest.param("exit", "crashed on this file (exit code 3)", id="leaves"),
    pytest.param("segfault", "crashed on this file (segmentation fault", id="segfaults", marks=POSIX),
    pytest.param("write-file", "File too large", id="fills the disk", marks=POSIX),
    pytest.param("write-outside", "may not write", id="writes elsewhere"),
    pytest.param("connect", "may not use the network", id="opens a socket"),
    pytest.param("fork", "may not start other programs", id="forks", marks=POSIX),
    pytest.param("run", "may not start other programs", id="runs a program"),
    pytest.param("nonsense", "crashed on this file (it answered nonsense)", id="answers nonsense"),
    pytest.param("bug", "failed on this file (KeyError)", id="has a bug"),
    pytest.param("deep", "nested too deeply", id="recurses"),
]


@pytest.mark.parametrize(("fault", "words"), CASES)
def test_a_fault_is_the_error_of_its_file_alone(loader: IsolatedLoader, file: Make, fault: str, words: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        list(loader.load(file(fault)))
    assert words in str(caught.value)
    assert caught.value.hint
    assert "harbour" in read(loader, file("harbour lights"))


def test_errors_of_loaders_arrive_as_they_were(loader: IsolatedLoader, file: Make) -> None:
    with pytest.raises(DependencyMissing, match="rapidocr") as missing:
        list(loader.load(file("missing")))
    assert 'pip install "basicchat[ocr]"' in missing.value.hint
    with pytest.raises(PasswordRequired):
        list(loader.load(file("LOCKED now")))


def test_what_a_library_prints_does_no_harm(loader: IsolatedLoader, file: Make) -> None:
    assert read(loader, file("print")) == "printed"


def test_a_reader_that_gets_on_may_go_on(loader: IsolatedLoader, file: Make) -> None:
    assert read(loader, file("advance")) == "nothing happened"


@LINUX
def test_native_code_has_no_network_either(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    answer = read(loader, file("connect-native"))
    reading = pool.begin(TIGHT, waiting=lambda: None)
    reading.finished = True
    pool.end(reading)
    if "network" not in reading.worker.enforced:
        pytest.skip("this system does not allow a network of one's own")
    assert answer.startswith("refused")


@LINUX
def test_children_end_with_their_parent(loader: IsolatedLoader, file: Make) -> None:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    with pytest.raises(UnreadableDocument, match="stood still"):
        list(loader.load(file("child")))
    left = {process.pid for process in psutil.process_iter() if _is_reader(process)} - before
    assert left <= {process.pid for process in psutil.Process().children()}


def _is_reader(process: psutil.Process) -> bool:
    try:
        return READER in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_no_secret_reaches_the_reader(loader: IsolatedLoader, file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("BASICCHAT_HOME", "somewhere")
    names = read(loader, file("environment")).split()
    assert "PATH" in names
    assert not {"OPENAI_API_KEY", "BASICCHAT_HOME"} & set(names)


@pytest.mark.parametrize("fault", ["sleep", "spin-native"])
def test_cancelling_stops_a_reader_that_says_nothing(
    loader: IsolatedLoader, pool: WorkerPool, file: Make, fault: str
) -> None:
    def stop(_: Progress) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        list(loader.load(file(fault), tell=stop))
    assert pool.pids == []


def test_an_iterator_closed_half_way_ends_its_process(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    documents = loader.load(file("records"))
    first = next(documents)
    assert first.title == "record 0"
    (pid,) = pool.pids
    documents.close()  # type: ignore[attr-defined]
    assert pool.pids == []
    assert not psutil.pid_exists(pid)


def test_a_document_taken_leaves_its_process_to_the_next(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    next(loader.load(file("harbour lights")))
    (pid,) = pool.pids
    next(loader.load(file("harbour lights")))
    assert pool.pids == [pid]


def test_a_slow_consumer_costs_the_reader_nothing(pool: WorkerPool, file: Make) -> None:
    limits = ParseLimits(memory_mb=200, cpu_seconds=20, wall_seconds=5, idle_seconds=1)
    hasty = WorkerPool(limits=limits, workers=1, command=[READER])
    try:
        documents: Iterator[LoadedDocument] = IsolatedLoader(frozenset({"text/plain"}), hasty).load(file("records"))
        next(documents)
        time.sleep(3)
        assert next(documents).title == "record 1"
    finally:
        hasty.close()


def test_many_threads_share_few_processes(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    path, found = file("harbour lights"), []

    def some() -> None:
        found.extend(read(loader, path) for _ in range(20))

    threads = [threading.Thread(target=some) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["harbour lights"] * 120
    assert len(pool.pids) <= 2


def test_a_process_is_recycled_after_its_files(file: Make) -> None:
    pool = WorkerPool(limits=TIGHT, workers=1, command=[READER], files_each=2)
    loader = IsolatedLoader(frozenset({"text/plain"}), pool)
    pids = []
    try:
        for _ in range(4):
            read(loader, file("harbour lights"))
            pids += pool.pids
    finally:
        pool.close()
    assert len(set(pids)) == 2


def test_a_process_killed_while_it_rests_is_replaced(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    read(loader, file("harbour lights"))
    process = psutil.Process(pool.pids[0])
    process.kill()
    process.wait()
    assert read(loader, file("harbour lights")) == "harbour lights"


def test_a_closed_pool_says_so(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    read(loader, file("harbour lights"))
    pool.close()
    with pytest.raises(Cancelled, match="closed"):
        read(loader, file("harbour lights"))


def test_closing_ends_what_reads(loader: IsolatedLoader, pool: WorkerPool, file: Make) -> None:
    caught = []

    def run() -> None:
        try:
            list(loader.load(file("sleep")))
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not pool.pids:
        time.sleep(0.01)
    pool.close()
    thread.join()
    assert len(caught) == 1


def test_a_killed_parent_leaves_no_orphan(file: Make, tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from threading import Thread
        from basicchat.adapters.load.isolated import IsolatedLoader
        from basicchat.adapters.load.worker_pool import WorkerPool
        pool = WorkerPool(workers=2, command=[sys.argv[1]])
        loader = IsolatedLoader(frozenset({"text/plain"}), pool)
        list(loader.load(Path(sys.argv[3])))
        Thread(target=lambda: list(loader.load(Path(sys.argv[2]))), daemon=True).start()
        while len(pool.pids) < 1:
            time.sleep(0.01)
        time.sleep(0.5)
        print(*pool.pids, flush=True)
        time.sleep(600)
    """)
    command = [sys.executable, "-c", program, READER, str(file("sleep")), str(file("harbour lights"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()
    assert pids
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=20)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_command_that_does_not_start_is_an_error_with_a_way_out(file: Make) -> None:
    pool = WorkerPool(command=["-c", "raise SystemExit('no such reader')"])
    loader = IsolatedLoader(frozenset({"text/plain"}), pool)
    try:
        with pytest.raises(BasicChatError, match=r"cannot be started.*no such reader") as caught:
            read(loader, file("harbour lights"))
        assert "ISOLATION" in caught.value.hint
    finally:
        pool.close()


def test_tables_arrive_whole(pool: WorkerPool, tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("12345", encoding="utf-8")
    (document,) = IsolatedLoader(frozenset({"text/csv"}), pool).load(path)
    assert [len(table.rows) for table in document.tables] == [12345, 12345]
    assert document.tables[0].rows[7] == (7, "row 7", 3.5, None, True)
