from __future__ import annotations

import threading

import pytest

from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.core.errors import DeadlineExceeded, NotFound
from basicchat.core.types import JobState


@pytest.fixture
def queue():
    queue = ThreadJobQueue(workers=1, keep=3)
    yield queue
    queue.close()


def until_cancelled(started: threading.Event):
    def handler(payload, context):
        while True:
            context.progress(stage="running")
            started.set()

    return handler


def test_waiting_has_an_end(queue):
    started = threading.Event()
    queue.register("long", until_cancelled(started))
    job = queue.submit("long", None, title="A long job")
    with pytest.raises(DeadlineExceeded, match="A long job has not ended yet"):
        queue.wait(job.id, 0.01)
    queue.cancel(job.id)
    assert queue.wait(job.id, 30).state is JobState.CANCELLED


def test_a_waiting_job_is_cancelled_before_it_starts(queue):
    started, ran = threading.Event(), threading.Event()
    queue.register("long", until_cancelled(started))
    queue.register("short", lambda payload, context: ran.set())
    long, short = queue.submit("long", None), queue.submit("short", None)
    assert queue.get(short.id).state is JobState.QUEUED
    queue.cancel(short.id)
    queue.cancel(long.id)
    assert queue.wait(short.id, 30).state is JobState.CANCELLED
    assert not ran.is_set()


def test_closing_stops_what_runs_and_what_waits(queue):
    started = threading.Event()
    queue.register("long", until_cancelled(started))
    jobs = [queue.submit("long", None) for _ in range(3)]
    assert started.wait(30)
    queue.close()
    assert {queue.get(job.id).state for job in jobs} == {JobState.CANCELLED}


def test_a_bug_fails_its_job_and_is_logged_with_its_trace(queue, caplog):
    queue.register("bug", lambda payload, context: 1 / 0)
    job = queue.wait(queue.submit("bug", None).id, 30)
    assert job.state is JobState.FAILED
    assert job.error == "Something went wrong: ZeroDivisionError. Run `basicchat doctor` and look at the log."
    assert "ZeroDivisionError" in caplog.text


def test_only_the_last_jobs_are_kept(queue):
    queue.register("short", lambda payload, context: payload)
    ids = []
    for number in range(6):
        ids.append(queue.submit("short", number).id)
        queue.wait(ids[-1], 30)
    assert [job.id for job in queue.find()] == ids[:1:-1]
    with pytest.raises(NotFound):
        queue.get(ids[0])
