"""The main job with real models, run as a program of its own so that it can be put where there is no network.

Usage: python offline_session.py HOME DOCUMENT QUESTION OUTPUT. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
HERE = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:")
TRACED = "trace=connect,sendto,sendmsg,sendmmsg"
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


def main() -> None:
    """Serve, use, report."""
    home, document, question, output = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    with suppress(FileNotFoundError):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False, capture_output=True)
    trace = home / "trace.txt"
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", "18860"]
    environment = os.environ | {"BASICCHAT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    asked: list[str] = []
    with subprocess.Popen(traced(trace, command), env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+", next(line for line in server.stdout if "http://" in line))
        assert address is not None
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.on("request", lambda request: HERE.match(request.url) or asked.append(request.url))
            result = use(page, address.group(0), document, question, output)
            browser.close()
        for process in (*psutil.Process(server.pid).children(recursive=True), server):
            process.terminate()
    lines = trace.read_text(encoding="utf-8").splitlines() if trace.is_file() else []
    inet = [line for line in lines if "AF_INET" in line]
    outside = [line for line in inet if not re.search(r'"127\.|"::1"|"::ffff:127\.|"0\.0\.0\.0"|AF_UNSPEC', line)]
    report = {"outside_requests": asked, "outside_calls": outside, "traced_calls": len(inet)}
    sys.stdout.write(json.dumps(result | report))


if __name__ == "__main__":
    main()
