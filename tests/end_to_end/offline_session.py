"""The main job with real models, run as a program of its own so that it can be put where there is no network.

Usage: python offline_session.py HOME DOCUMENT QUESTION OUTPUT PAPERS FOLLOWED. PAPERS is a folder to take in by a
command, FOLLOWED one to be followed. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
HERE = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:")
TRACED = "trace=socket,connect,sendto,sendmsg,sendmmsg"
PATIENCE = 90_000


def traced(trace: Path, command: list[str]) -> list[str]:
    """The command under strace where it is installed."""
    if shutil.which("strace") is None:
        return command
    return ["strace", "-f", "-qq", "-o", str(trace), "-e", TRACED, *command]


def use(page: Page, address: str, document: Path, question: str, output: Path) -> dict[str, object]:
    """Drop a file, ask, open the citation."""
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator('input[type="file"]').first.set_input_files(document)
    box = page.get_by_test_id("stChatInputTextArea")
    page.get_by_role("button", name="What").first.wait_for()
    box.fill(question)
    box.press("Enter")
    page.locator('[class*="st-key-sources-"] button').first.wait_for()
    page.screenshot(path=output / "real-answer.png")
    page.locator('a[href^="#source-"]').first.click()
    page.locator(".sheet img").wait_for()
    page.locator(".sheet .mark").first.wait_for()
    page.screenshot(path=output / "real-source.png")
    return {"pictured": True, "text": page.locator('[data-testid="stMain"]').inner_text()}


def commands(home: Path, papers: Path, followed: Path, traces: Path) -> dict[str, object]:
    """What else can be done with a library, by commands of which each is traced, while the page has it."""
    environment = os.environ | {"BASICCHAT_HOME": str(home)}
    numbers = count()

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "basicchat", *arguments, "--json"]
        done = subprocess.run(
            traced(traces / f"{next(numbers)}-{arguments[0]}.trace", command),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-2000:]}")
        return done.stdout

    taken = run("ingest", str(papers))
    run("library", "watch", "add", str(followed))
    synced = run("library", "sync")
    name = re.search(r"\bt_[0-9a-f]+_\d+\b", run("tables", "list"))
    assert name is not None
    asked = run("tables", "query", f"SELECT sum(price) AS total FROM {name.group()}")  # noqa: S608 - a name of ours
    run("backup", "create", str(home.with_name("backup.zip")))
    return {"taken": taken, "synced": synced, "asked": asked, "jobs": run("jobs", "list")}


def calls(traces: Path) -> dict[str, object]:
    """What the traced processes did with sockets: kinds of sockets, and addresses that are not of this machine."""
    lines = [line for trace in traces.glob("*.trace") for line in trace.read_text(encoding="utf-8").splitlines()]
    inet = [line for line in lines if "AF_INET" in line and "socket(" not in line]
    local = re.compile(r'"127\.|"::1"|"::ffff:127\.|"0\.0\.0\.0"|AF_UNSPEC')
    outside = [line for line in inet if not local.search(line) or "htons(53)" in line]
    kinds = {found.group(1) for line in lines if (found := re.search(r"\bsocket\((\w+)", line))}
    return {"outside_calls": outside, "traced_calls": len(inet), "socket_kinds": sorted(kinds)}


def main() -> None:
    """Serve, use, report."""
    home, document, question, output = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    traces = home.with_name("traces")
    traces.mkdir()
    with suppress(FileNotFoundError):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False, capture_output=True)
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", "18860"]
    environment = os.environ | {"BASICCHAT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    asked: list[str] = []
    with subprocess.Popen(
        traced(traces / "page.trace", command), env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+", next(line for line in server.stdout if "http://" in line))
        assert address is not None
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.on("request", lambda request: HERE.match(request.url) or asked.append(request.url))
            result = use(page, address.group(0), document, question, output)
            browser.close()
        result |= commands(home, Path(sys.argv[5]), Path(sys.argv[6]), traces)
        for process in (*psutil.Process(server.pid).children(recursive=True), server):
            process.terminate()
    report = {"outside_requests": asked} | calls(traces)
    sys.stdout.write(json.dumps(result | report))


if __name__ == "__main__":
    main()
