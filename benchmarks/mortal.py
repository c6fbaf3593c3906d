"""A library in a process that is killed: at a stage of the work, or at any moment, and then started again.

`live` is the whole life of a small library: a folder of every kind of file is taken in, then again after some files
changed, then uploads, then documents are removed. It may be begun again after any death and goes on. Nothing of the
program knows that it dies: real parts are wrapped, in the process that dies.
"""

from __future__ import annotations

import functools
import gzip
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from basicchat import bootstrap
from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.queue.attempt import Attempt
from basicchat.adapters.queue.board import Board
from basicchat.adapters.store.documents import SqlDocuments
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.tables.duckdb import DuckDbTables
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.bootstrap import parts
from basicchat.core.types import FileStatus, Job
from basicchat.ingest.files import Originals
from basicchat.ingest.intake import Intake
from basicchat.ingest.pipeline import Ingestor
from basicchat.service.assistant import Assistant
from basicchat.service.inbox import Inbox
from basicchat.settings import IngestSettings, JobSettings, Settings, load
from basicchat.testing.embedding import HashingEmbedder

STAGES: dict[str, tuple[type, str]] = {
    "reading": (Intake, "read"),
    "cutting": (Ingestor, "_cut"),
    "originals": (Originals, "keep"),
    "store": (SqlDocuments, "add"),
    "embedding": (HashingEmbedder, "embed_passages"),
    "keeping vectors": (SqlDocuments, "keep_vectors"),
    "writing vectors": (ChromaIndex, "add"),
    "writing words": (SqliteFtsIndex, "add"),
    "tables": (DuckDbTables, "add"),
    "marking": (SqlDocuments, "mark_indexed"),
    "linking": (SqlDocuments, "link_source"),
    "step": (Attempt, "step"),
    "job lines": (Board, "change"),
    "uploads": (Inbox, "discard"),
    "removal": (SqlDocuments, "remove"),
    "removing vectors": (ChromaIndex, "delete"),
    "removing words": (SqliteFtsIndex, "delete"),
    "removing tables": (DuckDbTables, "delete"),
    "removing originals": (Originals, "remove"),
    "end of a removal": (SqlDocuments, "finish_removal"),
}
"""What is wrapped: the process can die before and after each call of these."""

REMOVED = ("page.html", "prices.xlsx")
"""Files whose documents are removed in the end."""
CORRUPT = "broken.pdf"
WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Doom:
    """When to die: at the ``nth`` call of a stage, before or after it."""

    stage: str
    after: bool
    nth: int


# ------------------------------------------------------------ what is taken in


def text(number: int, paragraphs: int = 6) -> str:
    """A text that is like no other."""
    chance = random.Random(number)  # noqa: S311 - text to search, the same in each run
    words = ["harbour", "tariff", "lamp", "river", "engine", "ledger", "meadow", "signal", "winter", "bridge"]
    lines = [" ".join(chance.choices(words, k=40)) for _ in range(paragraphs)]
    return "\n\n".join(f"Paragraph {number}.{place}: {line}." for place, line in enumerate(lines))


SHARED = text(0)


def write_first(folder: Path) -> None:
    """The files as they are taken in first. Some share their text, two are the same, one is broken."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").write_text(f"{text(1)}\n\n{SHARED}")
    (folder / "copy of a.txt").write_text(f"{text(1)}\n\n{SHARED}")
    (folder / "b.md").write_text(f"# Harbour\n\n{SHARED}\n\n## Lamps\n\n{text(2)}")
    (folder / "long.txt").write_text(text(3, paragraphs=60))
    (folder / "table.csv").write_text("city,price\n" + "".join(f"City {n},{n * 3}\n" for n in range(30)))
    (folder / "page.html").write_text(f"<html><body><h1>Page</h1><p>{text(4)}</p><p>{SHARED}</p></body></html>")
    (folder / "code.py").write_text("".join(f'def part_{n}():\n    """{text(n, 1)}"""\n\n\n' for n in range(6)))
    (folder / "data.json").write_text(json.dumps({"notes": [text(5, 2), text(6, 2)]}))
    (folder / CORRUPT).write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nthis is no document at all")
    (folder / "archive.zip").write_bytes(_archive(text(7)))
    book = Workbook()
    for row in [("item", "price"), *((f"Item {n}", n * 1.5) for n in range(20))]:
        book.active.append(row)
    book.save(folder / "prices.xlsx")
    with gzip.open(folder / "records.jsonl.gz", "wt", compresslevel=1) as file:
        for number in range(8):
            file.write(json.dumps({"_id": f"r{number}", "title": f"Record {number}", "text": text(20 + number, 1)}))
            file.write("\n")


def _archive(changing: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (
            ("inner/one.txt", changing),
            ("inner/two.txt", f"{SHARED}\n\n{text(8)}"),
            ("inner/sums.csv", "sum,of\n" + "".join(f"{n},{n + 1}\n" for n in range(12))),
        ):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def write_second(folder: Path) -> None:
    """Change some of the files. Doing it twice is doing it once."""
    _replace(folder / "a.txt", f"{text(1)}\n\n{text(31)}\n\n{SHARED}".encode())
    _replace(folder / "long.txt", text(3, paragraphs=60).replace("Paragraph 3.30", "Paragraph thirty").encode())
    _replace(folder / "table.csv", b"city,price\n" + b"".join(b"Town %d,%d\n" % (n, n) for n in range(25)))
    _replace(folder / "archive.zip", _archive(text(32)))


def _replace(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        path.with_suffix(".new").write_bytes(data)
        path.with_suffix(".new").replace(path)


UPLOADS = [("upload one.txt", text(41).encode()), ("upload two.csv", b"a,b\n1,2\n3,4\n")]

# ------------------------------------------------------------ the life


def settings_of(home: Path) -> Settings:
    """Small passages and batches, so that there are many moments to die at; jobs that survive."""
    found = load(home=home, profile="fake")
    jobs = JobSettings(engine="durable")
    ingest = IngestSettings(chunk_tokens=40, chunk_overlap=5, batch_size=8)
    return found.model_copy(update={"jobs": jobs, "ingest": ingest})


def live(home: Path, papers: Path) -> None:
    """Open the library as the page does, and do whatever of its life is not done yet."""
    with bootstrap.shared_assistant(settings_of(home)) as assistant:
        write_first_once(papers)
        _job(assistant, 0, lambda: assistant.library.submit([papers]))
        write_second(papers)
        _job(assistant, 1, lambda: assistant.library.submit([papers]))
        _job(assistant, 2, lambda: assistant.library.submit_uploads(UPLOADS))
        for document in assistant.library.documents():
            if Path(document.source).name in REMOVED:
                assistant.library.remove(document.id)


def write_first_once(papers: Path) -> None:
    """Write the first files, unless they were written."""
    if not papers.exists():
        partial = papers.with_name("partial")
        shutil.rmtree(partial, ignore_errors=True)
        write_first(partial)
        partial.replace(papers)


def _job(assistant: Assistant, number: int, submit: Callable[[], Job]) -> None:
    known = sorted(assistant.jobs.find(kind="ingest"), key=lambda job: job.created_at)
    job = known[number] if len(known) > number else submit()
    assistant.jobs.wait(job.id, WAIT_SECONDS)


# ------------------------------------------------------------ how it stands


def look(home: Path) -> dict[str, Any]:
    """Everything that a library holds, and what the doctor says, in words that two lives can be compared by."""
    settings = settings_of(home)
    state = parts.state_folder(settings)
    with bootstrap.open_assistant(settings) as assistant:
        checks = {check.name: check.detail for check in assistant.doctor(deep=True) if not check.ok}
        jobs = sorted(assistant.jobs.find(kind="ingest"), key=lambda job: job.created_at)
        lines = [[_line(item) for item in assistant.jobs.items(job.id)] for job in jobs]
        states = [str(job.state) for job in jobs]
    store, words = SqlStore(state / "basicchat.sqlite"), SqliteFtsIndex(state / "words.sqlite")
    tables = DuckDbTables(state / "tables.duckdb")
    vectors: list[ChromaIndex] = [
        ChromaIndex(folder) for folder in sorted((state / "vectors").iterdir()) if folder.is_dir()
    ]
    try:
        with store.begin() as unit:
            documents = unit.documents.find()
            sources = unit.documents.sources_under("default", "")
            linked = {source: unit.documents.sources("default", source) for source in sources}
            chunks = {document.id: [chunk.id for chunk in unit.documents.chunks(document.id)] for document in documents}
            waiting = [removal.document_id for removal in unit.documents.removals()]
        return {
            "documents": sorted((document.id, document.source, document.indexed) for document in documents),
            "sources": sorted(linked.items()),
            "chunks": sorted(chunks.items()),
            "removals": waiting,
            "vectors": [sorted(index.owners("default").items()) for index in vectors],
            "words": sorted(words.owners("default").items()),
            "tables": sorted((each.document_id, each.sql_name, each.row_count) for each in tables.describe()),
            "originals": sorted(
                str(path.relative_to(state)) for path in (state / "files").rglob("*") if path.is_file()
            ),
            "uploads": sorted(path.name for path in (state / "inbox").glob("*")),
            "jobs": states,
            "lines": lines,
            "doctor": checks,
        }
    finally:
        for index in vectors:
            index.close()
        words.close()
        store.close()


GOOD = {FileStatus.DONE, FileStatus.UNCHANGED, FileStatus.DUPLICATE}
"""A file whose step was cut off after the work was done is unchanged when it is taken in again."""


def _line(item: Any) -> tuple[str, str, str]:
    return item.name, "good" if item.status in GOOD else str(item.status), item.error or ""


# ------------------------------------------------------------ the death


def wrap(doom: Doom | None) -> Counter[str]:
    """Let this process die as ``doom`` says; how often each stage is called, counted as it lives on."""
    calls: Counter[str] = Counter()
    for stage, (owner, name) in STAGES.items():
        here = doom if doom is not None and doom.stage == stage else None
        setattr(owner, name, _wrapped(getattr(owner, name), stage, here, calls))
    return calls


def _wrapped(call: Callable[..., Any], stage: str, doom: Doom | None, calls: Counter[str]) -> Callable[..., Any]:
    lock = threading.Lock()

    @functools.wraps(call)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        with lock:
            calls[stage] += 1
            last = doom is not None and calls[stage] == doom.nth
        if doom is not None and last and not doom.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*arguments, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def child(home: str, papers: str, doom: Doom | None, report: str) -> None:
    """One run of the process: it lives on, and dies, or ends with a report of how everything stands."""
    sys.stderr = open(f"{report}.err", "a")  # noqa: SIM115 - as long as the process
    Path(f"{report}.begun").touch()
    calls = wrap(doom)
    live(Path(home), Path(papers))
    lived = dict(calls)
    Path(report).write_text(json.dumps({**look(Path(home)), "calls": lived}))


CONTEXT: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
if sys.platform == "linux":
    CONTEXT.set_forkserver_preload(
        ["benchmarks.mortal", "chromadb", "chromadb.api.client", "dbos", "duckdb", "openpyxl", "numpy"]
    )


@dataclass(frozen=True, slots=True)
class Death:
    """How a run ended: ``killed`` or by itself, after so many seconds, with this exit code."""

    killed: bool
    seconds: float
    code: int


@contextmanager
def _plain_main() -> Iterator[None]:
    """Start processes that do not run the main script of this one again: a page under test may stand there."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class Patient:
    """A home and the processes that are its life, one after the other."""

    def __init__(self, folder: Path, engine_file: Path | None = None) -> None:
        self._folder = folder
        self.home = folder / "home"
        self.report = folder / "report.json"
        jobs = self.home / "fake" / "jobs"
        jobs.mkdir(parents=True)
        if engine_file is not None:
            shutil.copy(engine_file, jobs / "engine.sqlite")

    def run(self, doom: Doom | None = None, *, after: float | None = None) -> Death:
        """Let it live, and die as ``doom`` says or ``after`` some seconds; if neither, it ends by itself."""
        Path(f"{self.report}.begun").unlink(missing_ok=True)
        arguments = (str(self.home), str(self._folder / "papers"), doom, str(self.report))
        process = CONTEXT.Process(target=child, args=arguments)
        started = time.monotonic()
        with _plain_main():
            process.start()
        if after is not None:
            while not Path(f"{self.report}.begun").exists() and process.is_alive():
                time.sleep(0.005)
            process.join(after)
            process.kill()
        process.join(WAIT_SECONDS)
        if process.is_alive():
            process.kill()
            raise TimeoutError("the process neither ended nor died")
        code = process.exitcode or 0
        return Death(code == -signal.SIGKILL, time.monotonic() - started, code)

    @property
    def complaints(self) -> str:
        """What it wrote to its error stream, in all its runs."""
        file = Path(f"{self.report}.err")
        return file.read_text() if file.exists() else ""

    def result(self) -> dict[str, Any]:
        """How everything stood when it ended by itself, its folder taken out of the names."""
        text = self.report.read_text()
        found: dict[str, Any] = json.loads(text.replace(json.dumps(str(self._folder))[1:-1], ""))
        return found


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """What is lost and what is too much or doubled, by part; how often stages were called is no matter."""
    out = {}
    for part in wanted.keys() - {"calls"}:
        should, there = _counted(wanted[part]), _counted(found[part])
        if should != there:
            out[part] = (list((should - there).elements()), list((there - should).elements()))
    return out


def _counted(value: Any) -> Counter[str]:
    return Counter(json.dumps(each) for each in (sorted(value.items()) if isinstance(value, dict) else value))
