"""How long it takes to see that nothing has changed in a folder: 1,000 files, with the hashing embedder."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import psutil

from basicchat import bootstrap
from basicchat.settings import Settings, load
from benchmarks.table import print_table

FILES = 1_000


def filled(folder: Path) -> Path:
    """A folder of small notes that look as old as files mostly are."""
    old = time.time_ns() - 3_600 * 10**9
    for number in range(FILES):
        path = folder / f"{number % 20}" / f"note {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Note {number}\n\n" + f"The ferry of day {number} left at seven. " * 20, encoding="utf-8")
        os.utime(path, ns=(old, old))
    return folder


def main() -> None:
    """Sync a folder three times and print how long each took and what the process held after it."""
    with tempfile.TemporaryDirectory(prefix="basicchat-bench-", ignore_cleanup_errors=True) as place:
        folder = filled(Path(place) / "notes")
        settings: Settings = load(home=Path(place) / "home", profile="fake")
        rows = []
        with bootstrap.open_assistant(settings) as assistant:
            assistant.folders.add(folder)
            for name in ("first", "second", "third"):
                started = time.perf_counter()
                (report,) = assistant.folders.sync()
                seconds = time.perf_counter() - started
                memory = psutil.Process().memory_info().rss / 2**20
                rows.append((name, report.taken, report.unchanged, round(seconds, 2), round(memory)))
    print_table("Following a folder", ("sync", "taken in", "unchanged", "seconds", "MB held"), rows)


if __name__ == "__main__":
    main()
