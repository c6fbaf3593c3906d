from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest

from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.core.errors import DeadlineExceeded, NotFound, StoreError
from basicchat.core.types import JobItem, JobState

POLL = 0.02


@pytest.fixture
def folder(tmp_path, engine_file):
    shutil.copy(engine_file, tmp_path / "engine.sqlite")
    return tmp_path


@pytest.fixture
def opened(folder):
    """Opens queues over one folder, as one process after another would."""
    queues: list[DurableJobQueue] = []

    def open_queue(**options) -> DurableJobQueue:
        queues.append(DurableJobQueue(folder, poll_seconds=POLL, **options))
        return queues[-1]

    yield open_queue
    for queue in queues:
        queue.close()


class Gate:
    """A handler of three steps; the second waits to be let through and asks whether to stop."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()
        self.ran = []

    def __call__(self, payload, context):
        return [context.step(f"step {number}", lambda number=number: self.take(number, context)) for number in range(3)]

    def take(self, number, context):
        self.ran.append(number)
        context.item(JobItem(number, f"{number}.pdf", stage="reading"))
        if number == 1:
            self.reached.set()
            while not self.open.wait(0.01):
                context.progress(stage="waiting")
        return number


def test_nothing_is_loaded_before_there_is_something_to_do(tmp_path):
    code = (
        "import sys; from pathlib import Path; from basicchat.adapters.queue.durable import DurableJobQueue;"
        "queue = DurableJobQueue(Path(sys.argv[1])); queue.register('work', print); queue.start(); queue.find();"
        "queue.close(); print('dbos' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_closing_lets_a_job_go_on_at_the_next_start(opened):
    gate = Gate()
    first = opened()
    first.register("gate", gate)
    job = first.submit("gate", None, title="A gate")
    assert gate.reached.wait(30)
    first.close()
    gate.open.set()
    second = opened()
    second.register("gate", gate)
    assert second.get(job.id).state is JobState.QUEUED
    assert [item.name for item in second.items(job.id)] == ["0.pdf", "1.pdf"]
    second.start()
    assert second.wait(job.id, 30).result == [0, 1, 2]
    assert gate.ran == [0, 1, 1, 2]


def test_a_paused_job_stays_paused_over_a_restart(opened):
    gate = Gate()
    first = opened()
    first.register("gate", gate)
    job = first.submit("gate", None)
    assert gate.reached.wait(30)
    first.pause(job.id)
    assert first.wait(job.id, 30).state is JobState.PAUSED
    first.close()
    gate.open.set()
    second = opened()
    second.register("gate", gate)
    second.start()
    assert second.get(job.id).state is JobState.PAUSED
    second.resume(job.id)
    assert second.wait(job.id, 30).result == [0, 1, 2]
    assert gate.ran == [0, 1, 1, 2]


def test_pausing_and_resuming_at_once_changes_nothing(opened):
    gate = Gate()
    queue = opened()
    queue.register("gate", gate)
    job = queue.submit("gate", None)
    assert gate.reached.wait(30)
    for _ in range(20):
        queue.pause(job.id)
        queue.resume(job.id)
    gate.open.set()
    assert queue.wait(job.id, 30).result == [0, 1, 2]


def test_what_waits_is_paused_and_cancelled_at_once(opened):
    gate = Gate()
    queue = opened(workers=1)
    queue.register("gate", gate)
    running, paused, cancelled = (queue.submit("gate", None) for _ in range(3))
    assert gate.reached.wait(30)
    queue.pause(paused.id)
    queue.cancel(cancelled.id)
    assert queue.wait(paused.id, 1).state is JobState.PAUSED
    assert queue.wait(cancelled.id, 1).state is JobState.CANCELLED
    gate.open.set()
    assert queue.wait(running.id, 30).state is JobState.DONE
    queue.resume(paused.id)
    assert queue.wait(paused.id, 30).state is JobState.DONE
    assert queue.get(cancelled.id).state is JobState.CANCELLED


def test_a_silent_job_has_failed_and_can_be_tried_again(opened):
    stuck, free = threading.Event(), threading.Event()

    def silent(payload, context):
        if not stuck.is_set():
            stuck.set()
            free.wait(30)
        context.progress(stage="alive")
        return "awake"

    queue = opened(stale_seconds=0.3)
    queue.register("silent", silent)
    job = queue.wait(queue.submit("silent", None).id, 30)
    assert job.state is JobState.FAILED
    assert job.error.startswith("No sign of life since ")
    free.set()
    queue.resume(job.id)
    assert queue.wait(job.id, 30).result == "awake"


def test_a_job_that_speaks_is_not_given_up(opened):
    def slow(payload, context):
        for _ in range(8):
            threading.Event().wait(0.1)
            context.progress(stage="slow")
        return "there"

    queue = opened(stale_seconds=0.5)
    queue.register("slow", slow)
    assert queue.wait(queue.submit("slow", None).id, 30).result == "there"


def test_a_bug_fails_its_job_and_is_logged_with_its_trace(opened, caplog):
    queue = opened()
    queue.register("bug", lambda payload, context: context.step("divide", lambda: 1 // 0))
    job = queue.wait(queue.submit("bug", None).id, 30)
    assert job.error == "Something went wrong: ZeroDivisionError. Run `basicchat doctor` and look at the log."
    assert "ZeroDivisionError" in caplog.text


def test_a_job_submits_another(opened):
    queue = opened(workers=1)
    queue.register("first", lambda payload, context: queue.submit("second", None).id)
    queue.register("second", lambda payload, context: "after")
    job = queue.wait(queue.submit("first", None).id, 30)
    assert queue.wait(job.result, 30).result == "after"


def test_a_job_waits_for_its_kind_to_be_known(opened):
    gate = Gate()
    first = opened()
    first.register("gate", gate)
    job = first.submit("gate", None)
    assert gate.reached.wait(30)
    first.close()
    gate.open.set()
    second = opened()
    second.register("other", gate)
    second.start()
    assert second.get(job.id).state is JobState.QUEUED
    second.register("gate", gate)
    second.start()
    assert second.wait(job.id, 30).state is JobState.DONE


def test_another_library_of_the_process_waits_for_the_engine(opened, tmp_path):
    gate = Gate()
    first = opened()
    first.register("gate", gate)
    one = first.submit("gate", None)
    assert gate.reached.wait(30)
    second = DurableJobQueue(tmp_path / "second", poll_seconds=POLL)
    second.register("gate", gate)
    two = second.submit("gate", None)
    with pytest.raises(DeadlineExceeded):
        second.wait(two.id, 0.5)
    gate.open.set()
    assert first.wait(one.id, 30).state is JobState.DONE
    first.close()
    assert second.wait(two.id, 30).state is JobState.DONE
    second.close()


def test_the_engine_rests_when_there_is_nothing_to_do(opened):
    queue = opened(rest_seconds=0.0)
    queue.register("echo", lambda payload, context: payload)
    before = set(threading.enumerate())
    for number in range(2):
        assert queue.wait(queue.submit("echo", number).id, 30).result == number
        while any(thread.name.startswith("queue-worker") for thread in set(threading.enumerate()) - before):
            threading.Event().wait(0.05)


def test_closing_leaves_no_thread(opened):
    before = set(threading.enumerate())
    queue = opened()
    queue.register("echo", lambda payload, context: payload)
    queue.wait(queue.submit("echo", 1).id, 30)
    queue.close()
    queue.close()
    assert [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()] == []
    with pytest.raises(StoreError):
        queue.find()


def test_only_the_last_jobs_and_no_steps_of_done_jobs_are_kept(opened, folder):
    first = opened(keep=2)
    first.register("steps", lambda payload, context: context.step("one", lambda: payload))
    ids = [first.submit("steps", number).id for number in range(4)]
    for job_id in ids:
        first.wait(job_id, 30)
    first.close()
    second = opened(keep=2)
    second.register("steps", lambda payload, context: context.step("one", lambda: payload))
    second.wait(second.submit("steps", 5).id, 30)
    assert len(second.find()) == 3  # two that ended before, and this one
    with pytest.raises(NotFound):
        second.get(ids[0])
    second.close()
    connection = sqlite3.connect(folder / "engine.sqlite")
    assert connection.execute("SELECT count(*) FROM operation_outputs").fetchone() == (1,)
    connection.close()


def test_what_the_engine_keeps_is_plain_json(opened, folder):
    queue = opened()
    queue.register("steps", lambda payload, context: context.step("one", lambda: {"read": payload}))
    queue.wait(queue.submit("steps", 5).id, 30)
    queue.close()
    connection = sqlite3.connect(folder / "engine.sqlite")
    (kept,) = connection.execute("SELECT output FROM operation_outputs").fetchone()
    assert json.loads(kept) == {"result": {"read": 5}}
    connection.close()


def test_a_damaged_engine_file_is_put_aside(opened, folder):
    (folder / "engine.sqlite").write_bytes(b"no database at all" * 100)
    queue = opened()
    queue.register("echo", lambda payload, context: payload)
    assert queue.wait(queue.submit("echo", 1).id, 30).result == 1
    assert (folder / "engine.damaged").exists()


def test_an_engine_that_does_not_start_fails_what_waits(opened, folder):
    (folder / "engine.sqlite").unlink()
    (folder / "engine.sqlite").mkdir()
    queue = opened()
    queue.register("echo", lambda payload, context: payload)
    job = queue.wait(queue.submit("echo", 1).id, 30)
    assert job.error.startswith("The engine of background jobs does not work: unable to open database file.")
    (folder / "engine.sqlite").rmdir()
    queue.resume(job.id)
    assert queue.wait(job.id, 30).result == 1


FORGETFUL = """
import sys, time
from pathlib import Path
from basicchat.adapters.queue.durable import DurableJobQueue

def endless(payload, context):
    while True:
        context.progress(stage="on and on")
        print("going", flush=True)
        time.sleep(0.05)

queue = DurableJobQueue(Path(sys.argv[1]), poll_seconds=0.02)
queue.register("endless", endless)
queue.submit("endless", None)
while queue.find()[0].stage != "on and on":
    time.sleep(0.01)
"""


def test_a_program_that_ends_without_closing_ends(folder, opened):
    command = [sys.executable, "-W", "error", "-c", FORGETFUL, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    queue = opened()
    assert [job.state for job in queue.find()] == [JobState.QUEUED]


def test_the_engine_reports_to_no_cloud_whatever_the_environment_says(tmp_path):
    program = (
        "import pathlib, sys\n"
        "from basicchat.adapters.queue.durable import DurableJobQueue\n"
        "queue = DurableJobQueue(pathlib.Path(sys.argv[1]))\n"
        "queue.register('nothing', lambda payload, context: None)\n"
        "print(queue.wait(queue.submit('nothing', None).id, 60).state)\n"
        "import dbos\n"
        "print(dbos._utils.GlobalParams.dbos_cloud)\n"
        "queue.close()\n"
    )
    cloud = {"DBOS__CLOUD": "true", "DBOS__CONDUCTOR_KEY": "key", "DBOS__CONDUCTOR_URL": "ws://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=os.environ | cloud,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == ["done", "False"], done.stderr
