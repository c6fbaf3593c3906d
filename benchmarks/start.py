"""How long the page takes from a warm start, and what it holds in memory when idle without a chat model.

Needs chromium. "Visible" is when the browser shows the input of the chat page. Memory is that of the process and its
children, resident, after the page was shown.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.table import print_table, scratch_settings

ROUNDS = 3
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


@contextmanager
def page_process(home: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The page over an empty library, and its address."""
    everyday = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = everyday | {"BASICCHAT_HOME": home, "BASICCHAT_MODELS__FETCH": "false", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", "8950"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "http://" in line)
        try:
            yield process, next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process and its children."""
    process = psutil.Process(pid)
    return float(sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))) / 1e6


def measure(browser: Browser, home: str) -> tuple[float, float, float]:
    """Seconds to a listening server, seconds to a visible page, megabytes when idle."""
    began = time.perf_counter()
    with page_process(home) as (process, address):
        listening = time.perf_counter() - began
        page = browser.new_page()
        page.goto(address)
        page.get_by_test_id("stChatInput").wait_for(state="visible")
        visible = time.perf_counter() - began
        page.wait_for_timeout(3000)
        megabytes = resident_megabytes(process.pid)
        page.close()
    return listening, visible, megabytes


def main() -> None:
    """Start a few times, print the table."""
    chromium = shutil.which("chromium") or sys.exit("Install chromium to run this benchmark.")
    with scratch_settings() as settings, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        measure(browser, str(settings.home))
        rounds = [measure(browser, str(settings.home)) for _ in range(ROUNDS)]
        browser.close()
    medians = [statistics.median(each) for each in zip(*rounds, strict=True)]
    print_table("Starting", ("starts", "listening s", "page visible s", "idle MB"), [(ROUNDS, *medians)])


if __name__ == "__main__":
    main()
