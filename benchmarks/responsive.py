"""How soon the program answers while 200 MB are read, cut and embedded, and whether a streamed answer stays whole.

    python -m benchmarks.responsive        90 seconds
    python -m benchmarks.responsive 180    as many seconds

The page runs in a process of its own, as `basicchat ui` starts it. Two jobs run in it: a text of 56 MB and one PDF of
144 MB (the pages of 13 filings, fifteen times), and beside them the 13 filings themselves, so that there is always
something to read, to cut and to embed. Three clients ask every 50 ms: the page's health, the endpoint's health, and the
list of jobs. The same questions are asked before, when nothing goes on.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pypdfium2

from basicchat import bootstrap
from basicchat.adapters.owner.client import OwnerClient, RemoteAssistant
from basicchat.adapters.owner.lock import OwnerCard
from basicchat.bootstrap.opening import owner_lock
from basicchat.core.events import Finished, Token
from basicchat.core.types import JobState
from basicchat.settings import Settings, load
from benchmarks.table import evaluation_set, percentile, print_table, scratch_settings

SECONDS = 90.0
QUIET_SECONDS = 10.0
EVERY = 0.05
SETTLE_SECONDS = 4.0
"""After its start, which takes seconds of its own, and begins to go on with the jobs."""
PORT = 8870
MODEL = "smollm2-135m-instruct-q4_1"
TEXT_BYTES = 56_000_000
ROUNDS = 15

Measures = dict[str, list[tuple[float, float]]]
"""By what was asked: when, and how many seconds it took."""


def make_text(path: Path, filings: list[Path]) -> None:
    """The text of the filings, again and again, each time with a number so that no passage is like another."""
    pages = []
    for filing in filings:
        with pypdfium2.PdfDocument(filing) as document:
            pages += [page.get_textpage().get_text_bounded() for page in document]
    size = 0
    with path.open("w", encoding="utf-8") as file:
        for number in itertools.count():
            size += file.write(f"Edition {number}\n\n" + "\n\n".join(f"{number}: {page}" for page in pages))
            if size > TEXT_BYTES:
                return


def make_pdf(path: Path, filings: list[Path]) -> None:
    """One PDF of all pages of the filings, fifteen times."""
    with pypdfium2.PdfDocument.new() as whole:
        for filing in filings * ROUNDS:
            with pypdfium2.PdfDocument(filing) as document:
                whole.import_pages(document)
        whole.save(path)


def ask_every(path: str, client: httpx.Client, stop: threading.Event, out: list[tuple[float, float]]) -> None:
    """Ask again and again, at most every 50 ms, until told to stop."""
    while not stop.is_set():
        started = time.monotonic()
        response = client.post(path, json={}) if path.startswith("/api/local/call") else client.get(path)
        response.raise_for_status()
        took = time.monotonic() - started
        out.append((started, took))
        stop.wait(max(0.0, EVERY - took))


def measure(card: OwnerCard, seconds: float, meanwhile: Callable[[], None]) -> Measures:
    """Ask everything for so long, while something else is done in this thread."""
    paths = ("/_stcore/health", "/api/local/health", "/api/local/call/jobs.find")
    stop, found = threading.Event(), {path: list[tuple[float, float]]() for path in paths}
    address = card.url.removesuffix("/api/local")
    headers = {"Authorization": f"Bearer {card.token}"}
    clients = [httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) for _ in paths]
    threads = [
        threading.Thread(target=ask_every, args=(path, client, stop, found[path]))
        for path, client in zip(paths, clients, strict=True)
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    meanwhile()
    time.sleep(max(0.0, until - time.monotonic()))
    stop.set()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return found


@contextmanager
def page(settings: Settings, port: int) -> Iterator[OwnerCard]:
    """The page over these settings, in a process of its own."""
    environment = os.environ | {
        "BASICCHAT_HOME": str(settings.home),
        "BASICCHAT_MODELS__FOLDER": str(settings.models_folder),
        "BASICCHAT_MODELS__FETCH": "false",
        "BASICCHAT_EMBEDDED__MODEL": MODEL,
        "BASICCHAT_OLLAMA__ENABLED": "false",
    }
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        lock = owner_lock(load(home=settings.home))
        while not ((card := lock.card()) and f":{port}" in card.url):
            if process.poll() is not None:
                sys.exit("the page did not start")
            time.sleep(0.1)
        try:
            yield card
        finally:
            process.kill()


def stages(assistant: RemoteAssistant, stop: threading.Event, out: list[tuple[float, str]]) -> None:
    """Write down every second what the jobs are at."""
    while not stop.wait(1.0):
        running = [job.stage.split(" · ")[0] for job in assistant.jobs.find() if job.state is JobState.RUNNING]
        out.append((time.monotonic(), " + ".join(sorted(stage.split(",")[0].split(":")[0] for stage in running))))


def stream(assistant: RemoteAssistant) -> str:
    """Ask for an answer and read it piece by piece; what came of it."""
    started, pieces, times = time.monotonic(), [], []
    whole = None
    for event in assistant.stream("Tell me about harbours and ships.", mode="chat"):
        if isinstance(event, Token):
            pieces.append(event.text)
            times.append(time.monotonic())
        elif isinstance(event, Finished):
            whole = event.answer.text
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    same = "".join(pieces).strip() == (whole or "").strip()
    return (
        f"{len(pieces)} pieces, {'all there and in order' if same and pieces else 'NOT the whole answer'}; first after "
        f"{times[0] - started if times else float('nan'):.1f} s, then one every "
        f"{statistics.median(gaps) * 1000 if gaps else 0:.0f} ms (median), {max(gaps, default=0) * 1000:.0f} ms at most"
    )


def row(name: str, values: list[float]) -> tuple[object, ...]:
    """Percentiles in milliseconds."""
    return (
        name,
        len(values),
        *(1000 * percentile(values, share) for share in (0.5, 0.95, 0.99)),
        1000 * max(values),
    )


def main() -> None:
    """Make the files, queue the jobs, start the page, ask; print the tables."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    filings = sorted((evaluation_set("financebench") / "pdfs").glob("*.pdf"))
    with scratch_settings() as settings:
        papers = settings.home / "papers"
        papers.mkdir()
        make_text(papers / "a long text.txt", filings)
        make_pdf(papers / "b large.pdf", filings)
        size = sum(file.stat().st_size for file in papers.iterdir())
        print(f"{size / 1e6:.0f} MB are written", file=sys.stderr, flush=True)
        with page(settings, PORT) as card:
            warm(card)
            quiet = measure(card, QUIET_SECONDS, lambda: None)
        with bootstrap.open_assistant(settings) as assistant:
            assistant.library.submit([papers])
            assistant.library.submit(filings)
        seen: list[tuple[float, str]] = []
        told: list[str] = []
        with page(settings, PORT + 20) as card, remote(card) as assistant_far:
            time.sleep(SETTLE_SECONDS)
            stop = threading.Event()
            watch = threading.Thread(target=stages, args=(assistant_far, stop, seen))
            watch.start()
            with remote(card) as other:
                busy = measure(card, seconds, lambda: told.append(stream(other)))
            stop.set()
            watch.join()
            total = assistant_far.jobs.find()
        report(quiet, busy, seen, size)
        print(f"\nThe streamed answer: {told[0]}.")
        print("Jobs at the end: " + "; ".join(f"{job.title}: {job.stage} {job.done}/{job.total}" for job in total))


def warm(card: OwnerCard) -> None:
    """Let models and indexes be loaded."""
    with remote(card) as assistant:
        assistant.search("warm")
        stream(assistant)


def remote(card: OwnerCard) -> RemoteAssistant:
    """The assistant of the page."""
    return RemoteAssistant(OwnerClient(card))


def report(quiet: Measures, busy: Measures, seen: list[tuple[float, str]], size: int) -> None:
    """Print the tables."""
    header = ("asked", "times", "p50 ms", "p95 ms", "p99 ms", "longest ms")
    print_table("Nothing going on", header, [row(path, [took for _, took in each]) for path, each in quiet.items()])
    rows = [row(path, [took for _, took in each]) for path, each in busy.items()]
    print_table(f"While {size / 1e6:.0f} MB and 13 filings are taken in", header, rows)
    by_stage: Mapping[str, list[float]] = defaultdict(list)
    for when, took in itertools.chain(*busy.values()):
        stage = next((stage for at, stage in seen if at >= when), "")
        by_stage[stage].append(took)
    print_table("By what the jobs were at", header, [row(stage, each) for stage, each in sorted(by_stage.items())])


if __name__ == "__main__":
    main()
