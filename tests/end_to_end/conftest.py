"""A real server of the page in its own process, and a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVE = "from basicchat.settings import load; from basicchat.ui import launch; launch.run(load(), open_browser=False)"


@pytest.fixture(scope="session")
def output() -> Path:
    """Where screenshots are kept; git ignores it."""
    folder = REPOSITORY / "output" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Debian's chromium, driven by Playwright."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the page, before it is opened; a module may put settings into it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The page over the fake profile, quoting: every answer is there at once and cites."""
    settings = {"BASICCHAT_HOME": str(home), "BASICCHAT_PROFILE": "fake", "BASICCHAT_ANSWER__MODE": "extractive"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env={**os.environ, **settings, "PYTHONUNBUFFERED": "1", "BASICCHAT_SERVER__PORT": "18801"},
        cwd=home,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        line = server.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the server did not say its address: {line!r}"
        yield found.group(0)
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="session")
def guide() -> Path:
    """A PDF of three pages."""
    return REPOSITORY / "basicchat" / "ui" / "assets" / "basicchat-guide.pdf"
