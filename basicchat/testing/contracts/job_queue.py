"""What every job queue promises."""

from __future__ import annotations

import threading

import pytest

from basicchat.core.errors import Cancelled, InvalidInput, NotFound, StoreError
from basicchat.core.protocols import JobContext, JobQueue
from basicchat.core.types import JobState, Json

WAIT_SECONDS = 30.0


def count(payload: Json, context: JobContext) -> Json:
    """A handler: counts to the payload."""
    assert isinstance(payload, int)
    for number in range(payload):
        context.progress(stage="counting", done=number + 1, total=payload, unit="numbers", note="up")
    return {"counted": payload}


def fail(payload: Json, context: JobContext) -> Json:
    """A handler: fails on purpose."""
    raise StoreError("The shelf broke.", hint="Mend it.")


def give_up(payload: Json, context: JobContext) -> Json:
    """A handler: stops itself."""
    raise Cancelled("Enough.")


class JobQueueContract:
    """Override `queue` with a fixture that gives an empty queue."""

    @pytest.fixture
    def queue(self) -> JobQueue:
        raise NotImplementedError

    def test_a_job_runs_and_keeps_its_result(self, queue: JobQueue) -> None:
        queue.register("count", count)
        submitted = queue.submit("count", 3, title="Count to three")
        job = queue.wait(submitted.id, WAIT_SECONDS)
        assert (job.state, job.result, job.error) == (JobState.DONE, {"counted": 3}, None)
        assert (job.kind, job.title, job.stage, job.unit) == ("count", "Count to three", "counting: up", "numbers")
        assert (job.done, job.total) == (3, 3)
        assert 0 < job.created_at <= job.updated_at
        assert queue.get(submitted.id) == job

    def test_an_error_ends_it_with_what_to_do_next(self, queue: JobQueue) -> None:
        queue.register("fail", fail)
        job = queue.wait(queue.submit("fail", None).id, WAIT_SECONDS)
        assert (job.state, job.error) == (JobState.FAILED, "The shelf broke. Mend it.")

    def test_a_job_may_stop_itself(self, queue: JobQueue) -> None:
        queue.register("give up", give_up)
        assert queue.wait(queue.submit("give up", None).id, WAIT_SECONDS).state is JobState.CANCELLED

    def test_a_running_job_stops_at_its_next_step(self, queue: JobQueue) -> None:
        known, going = threading.Event(), threading.Event()

        def cancel_me(payload: Json, context: JobContext) -> Json:
            context.progress(stage="first")
            (running,) = queue.find(kind="cancel me")
            queue.cancel(running.id)
            going.set()
            context.progress(stage="second")
            known.set()
            return None

        queue.register("cancel me", cancel_me)
        job = queue.wait(queue.submit("cancel me", None).id, WAIT_SECONDS)
        assert (job.state, job.stage) == (JobState.CANCELLED, "first")
        assert going.is_set()
        assert not known.is_set()

    def test_a_job_that_ended_stays_as_it_is(self, queue: JobQueue) -> None:
        queue.register("count", count)
        job = queue.wait(queue.submit("count", 1).id, WAIT_SECONDS)
        queue.cancel(job.id)
        assert queue.get(job.id) == job

    def test_jobs_are_listed_newest_first(self, queue: JobQueue) -> None:
        queue.register("count", count)
        queue.register("fail", fail)
        ids = [queue.submit(kind, 0).id for kind in ("count", "fail", "count")]
        assert [job.id for job in queue.find()] == ids[::-1]
        assert [job.id for job in queue.find(kind="fail")] == [ids[1]]
        for job_id in ids:
            queue.wait(job_id, WAIT_SECONDS)

    def test_what_is_unknown_is_refused(self, queue: JobQueue) -> None:
        with pytest.raises(InvalidInput):
            queue.submit("none", None)
        for ask in (queue.get, queue.cancel, queue.wait):
            with pytest.raises(NotFound):
                ask("none")

    def test_a_closed_queue_refuses(self, queue: JobQueue) -> None:
        queue.register("count", count)
        queue.close()
        queue.close()
        with pytest.raises(StoreError):
            queue.submit("count", 1)
