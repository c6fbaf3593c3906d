"""``ui``, in a process of its own: it says where it is, takes calls of commands, and stops on Ctrl+C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Cli

ANSWERS = 30.0
"""Seconds that a page may take to answer on a busy machine."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The page over the home of this test, with no command named."""
    command = [sys.executable, "-m", "basicchat", "--home", str(tmp_path / "home"), "--profile", "fake", "ui"]
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if os.name == "nt" else 0
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", "18501"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        creationflags=flags,
    )
    with process:
        yield process
        if process.poll() is None:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            return found.group()
    raise AssertionError("the page never said its address")


def test_from_the_address_to_ctrl_c(page: subprocess.Popen[str], cli: Cli, notes: Path) -> None:
    where = address(page)
    assert httpx.get(f"{where}/_stcore/health", timeout=ANSWERS).status_code == 200
    assert cli("ingest", notes).code == 0
    assert "seven" in cli("search", "when does the ferry leave", "--json").document["hits"][0]["text"]
    page.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
    page.wait(timeout=ANSWERS)
    assert len(cli("library", "list", "--json").document["documents"]) == 2
