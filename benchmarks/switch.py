"""How long a switch of embedders takes, and what it does to questions meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from basicchat import bootstrap
from basicchat.core.types import Job
from basicchat.service.assistant import Assistant
from benchmarks.table import evaluation_set, percentile, print_table, scratch_settings

FILE = "NETFLIX_2017_10K.pdf"
QUESTION = "How much did the company spend on content?"


def asked(assistant: Assistant, stop: threading.Event, seconds: list[float]) -> None:
    """Search again and again, half a second apart, until told to stop."""
    while not stop.is_set():
        started = time.perf_counter()
        assistant.search(QUESTION)
        seconds.append(time.perf_counter() - started)
        stop.wait(0.5)


def timed(assistant: Assistant, job_id: str) -> tuple[float, list[float]]:
    """Seconds until a job ends, and of the searches meanwhile."""
    stop, seconds = threading.Event(), list[float]()
    asking = threading.Thread(target=asked, args=(assistant, stop, seconds))
    started = time.perf_counter()
    asking.start()
    job = assistant.jobs.wait(job_id)
    took = time.perf_counter() - started
    stop.set()
    asking.join()
    assert job.error is None, job.error
    return took, seconds


def main() -> None:
    """Take a report in, build its index anew, switch to the same weights of another name and back, print the table."""
    source = Path(evaluation_set("financebench") / "pdfs" / FILE)
    with scratch_settings() as settings:
        models = Path(settings.home) / "models-of-two-names"
        models.mkdir()
        name = settings.models.embedder
        for link, target in ((name, name), ("another", name), (settings.models.reranker, settings.models.reranker)):
            (models / link).symlink_to(settings.models_folder / target)
        own = settings.model_copy(update={"models": settings.models.model_copy(update={"folder": models})})
        with bootstrap.open_assistant(own) as assistant:
            assistant.ingest([source])
            passages = sum(document.chunk_count for document in assistant.library.documents())
            idle = []
            for _ in range(10):
                started = time.perf_counter()
                assistant.search(QUESTION)
                idle.append(time.perf_counter() - started)
            rows: list[tuple[object, ...]] = [("nothing", passages, "-", percentile(idle, 0.5), max(idle))]
            steps: tuple[tuple[str, Callable[[], Job | None]], ...] = (
                ("new index, kept vectors", assistant.reindexing.rebuild),
                ("another embedder, everything embedded", lambda: assistant.reindexing.switch("another")),
                ("back, index still there", assistant.reindexing.back),
            )
            for what, step in steps:
                job = step()
                assert job is not None
                took, seconds = timed(assistant, job.id)
                rows.append((what, passages, took / passages * 1000, percentile(seconds, 0.5), max(seconds)))
    header = ("what goes on", "passages", "s per 1,000 passages", "search, median s", "search, longest s")
    print_table("Switching embedders while questions are asked", header, rows)


if __name__ == "__main__":
    main()
