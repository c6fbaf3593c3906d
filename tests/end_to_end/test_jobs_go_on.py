"""Ctrl+C in the middle of a job ends the page; the job goes on when the page is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from basicchat import bootstrap, settings
from basicchat.adapters.owner.client import OwnerClient, RemoteAssistant
from basicchat.bootstrap.opening import owner_lock
from basicchat.core.types import JobState

FILES = 150


@pytest.fixture
def home(tmp_path):
    """A home whose library has a job that waits."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.txt").write_text(f"Paper {number} is about subject {number * 7}.\n\n" * 20)
    return tmp_path / "home"


@contextmanager
def page(home, port):
    """The page in a process of its own, ended with Ctrl+C."""
    environment = os.environ | {
        "BASICCHAT_HOME": str(home),
        "BASICCHAT_PROFILE": "fake",
        "BASICCHAT_JOBS__ENGINE": "durable",
    }
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            next(line for line in process.stdout if "http://" in line)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def remote(home):
    """The page, once it takes calls."""
    lock = owner_lock(settings.load(home=home, profile="fake"))
    while True:
        if (card := lock.card()) and card.url:
            client = OwnerClient(card)
            if client.answers():
                return RemoteAssistant(client)
            client.close()
        time.sleep(0.1)


def view_when(home, job_id, ready):
    with remote(home) as assistant:
        while not ready(view := assistant.library.job(job_id)):
            time.sleep(0.05)
        return view


@pytest.mark.skipif(sys.platform == "win32", reason="there is no Ctrl+C to send")
def test_a_job_goes_on_after_ctrl_c(home, tmp_path, monkeypatch):
    monkeypatch.setenv("BASICCHAT_JOBS__ENGINE", "durable")
    with bootstrap.open_assistant(settings.load(home=home, profile="fake")) as assistant:
        job = assistant.library.submit([tmp_path / "papers"])
    with page(home, 8811) as process:
        first = view_when(home, job.id, lambda view: view.files_done >= 3)
    assert process.returncode in {0, 130}
    assert first.job.state is JobState.RUNNING
    with bootstrap.open_assistant(settings.load(home=home, profile="fake")) as assistant:
        between = assistant.library.job(job.id)
        assert between.job.state is JobState.QUEUED
        assert first.files_done <= between.files_done < FILES
    with page(home, 8812):
        last = view_when(home, job.id, lambda view: view.job.state not in {JobState.QUEUED, JobState.RUNNING})
    assert (last.job.state, last.job.result) == (JobState.DONE, {"done": FILES})
    ended = {item.ordinal: item.ended_at for item in between.items if item.status is not None}
    assert all(item.ended_at == ended[item.ordinal] for item in last.items if item.ordinal in ended)
    with bootstrap.open_assistant(settings.load(home=home, profile="fake")) as assistant:
        assert len(assistant.library.documents()) == FILES
