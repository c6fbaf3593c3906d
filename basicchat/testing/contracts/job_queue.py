"""What every job queue promises."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from basicchat.core.errors import Cancelled, Conflict, InvalidInput, NotFound, StoreError
from basicchat.core.protocols import JobContext, JobQueue
from basicchat.core.types import FileStatus, JobItem, JobState, Json

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


class Steps:
    """A handler of four steps that stops before a step when told to, and remembers every step that ran."""

    def __init__(self, queue: JobQueue) -> None:
        self.queue = queue
        self.ran: list[int] = []
        self.before: dict[int, Callable[[str], None]] = {}

    def __call__(self, payload: Json, context: JobContext) -> Json:
        total: list[Json] = []
        for number in range(4):
            if ask := self.before.pop(number, None):
                ask(context.job_id)
            total.append(context.step("step", lambda number=number: self.take(number, context)))  # type: ignore[misc]
        return total

    def take(self, number: int, context: JobContext) -> Json:
        """One step."""
        self.ran.append(number)
        context.item(JobItem(number, f"file {number}", stage="taken", status=FileStatus.DONE))
        return {"step": number}


STEPPED = [{"step": number} for number in range(4)]


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

    def test_the_payload_is_kept(self, queue: JobQueue) -> None:
        queue.register("count", count)
        assert queue.payload(queue.submit("count", 2).id) == 2

    def test_starting_twice_is_starting_once(self, queue: JobQueue) -> None:
        queue.register("count", count)
        queue.start()
        queue.start()
        assert queue.wait(queue.submit("count", 1).id, WAIT_SECONDS).state is JobState.DONE

    def test_a_job_knows_its_name(self, queue: JobQueue) -> None:
        queue.register("name", lambda payload, context: context.job_id)
        job = queue.submit("name", None)
        assert queue.wait(job.id, WAIT_SECONDS).result == job.id

    def test_files_are_listed_by_ordinal_as_they_stand(self, queue: JobQueue) -> None:
        def files(payload: Json, context: JobContext) -> Json:
            context.item(JobItem(2, "b.pdf"))
            context.item(JobItem(1, "a.pdf", source="/a.pdf", stage="reading", done=1, total=2, unit="pages"))
            context.item(JobItem(1, "a.pdf", status=FileStatus.WARNINGS, pages=2, warnings=("Page 2 is empty.",)))
            return None

        queue.register("files", files)
        job = queue.wait(queue.submit("files", None).id, WAIT_SECONDS)
        assert queue.items(job.id) == [
            JobItem(1, "a.pdf", status=FileStatus.WARNINGS, pages=2, warnings=("Page 2 is empty.",)),
            JobItem(2, "b.pdf"),
        ]

    def test_a_key_that_has_not_ended_is_not_queued_twice(self, queue: JobQueue) -> None:
        go, again = threading.Event(), []

        def once(payload: Json, context: JobContext) -> Json:
            again.append(queue.submit("once", 2, key="sync /docs").id)
            go.set()
            return payload

        queue.register("once", once)
        first = queue.submit("once", 1, key="sync /docs")
        assert go.wait(WAIT_SECONDS)
        assert again == [first.id]
        assert queue.wait(first.id, WAIT_SECONDS).result == 1
        queue.register("once", count)
        later = queue.submit("once", 2, key="sync /docs")
        assert later.id != first.id
        assert queue.wait(later.id, WAIT_SECONDS).result == {"counted": 2}

    def test_steps_give_their_results_in_order(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        queue.register("steps", steps)
        assert queue.wait(queue.submit("steps", None).id, WAIT_SECONDS).result == STEPPED
        assert steps.ran == [0, 1, 2, 3]

    def test_a_paused_job_goes_on_after_the_last_finished_step(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        steps.before[2] = queue.pause
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        assert (job.state, steps.ran) == (JobState.PAUSED, [0, 1])
        queue.resume(job.id)
        job = queue.wait(job.id, WAIT_SECONDS)
        assert (job.state, job.result, steps.ran) == (JobState.DONE, STEPPED, [0, 1, 2, 3])

    def test_a_step_that_was_interrupted_runs_again(self, queue: JobQueue) -> None:
        runs: list[str] = []

        def interrupted(payload: Json, context: JobContext) -> Json:
            def half() -> Json:
                runs.append("begun")
                if len(runs) == 1:
                    queue.pause(context.job_id)
                context.progress(stage="half way")
                return "whole"

            return context.step("half", half)

        queue.register("interrupted", interrupted)
        job = queue.wait(queue.submit("interrupted", None).id, WAIT_SECONDS)
        assert job.state is JobState.PAUSED
        queue.resume(job.id)
        assert queue.wait(job.id, WAIT_SECONDS).result == "whole"
        assert runs == ["begun", "begun"]

    def test_a_failed_job_goes_on_where_it_failed(self, queue: JobQueue) -> None:
        steps, broken = Steps(queue), [StoreError("The disk is full.", hint="Free some space.")]

        def break_once(job_id: str) -> None:
            raise broken.pop()

        steps.before[3] = break_once
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        assert (job.state, job.error) == (JobState.FAILED, "The disk is full. Free some space.")
        queue.resume(job.id)
        job = queue.wait(job.id, WAIT_SECONDS)
        assert (job.state, job.error, job.result, steps.ran) == (JobState.DONE, None, STEPPED, [0, 1, 2, 3])

    def test_a_cancelled_job_goes_on_when_asked_to(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        steps.before[1] = queue.cancel
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        assert (job.state, steps.ran) == (JobState.CANCELLED, [0])
        queue.resume(job.id)
        job = queue.wait(job.id, WAIT_SECONDS)
        assert (job.state, steps.ran) == (JobState.DONE, [0, 1, 2, 3])

    def test_a_paused_job_can_be_cancelled(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        steps.before[1] = queue.pause
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        queue.cancel(job.id)
        assert queue.wait(job.id, WAIT_SECONDS).state is JobState.CANCELLED

    def test_a_job_that_is_done_is_not_run_again(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        for ask in (queue.resume, queue.pause, queue.cancel):
            ask(job.id)
        assert queue.get(job.id) == job
        assert steps.ran == [0, 1, 2, 3]

    def test_a_job_is_forgotten_once_it_has_ended(self, queue: JobQueue) -> None:
        steps = Steps(queue)
        steps.before[1] = queue.pause
        queue.register("steps", steps)
        job = queue.wait(queue.submit("steps", None).id, WAIT_SECONDS)
        with pytest.raises(Conflict):
            queue.forget(job.id)
        queue.cancel(job.id)
        queue.wait(job.id, WAIT_SECONDS)
        queue.forget(job.id)
        assert queue.find() == []
        with pytest.raises(NotFound):
            queue.items(job.id)

    def test_what_is_unknown_is_refused(self, queue: JobQueue) -> None:
        with pytest.raises(InvalidInput):
            queue.submit("none", None)
        unknown = (
            queue.get,
            queue.cancel,
            queue.wait,
            queue.items,
            queue.payload,
            queue.pause,
            queue.resume,
            queue.forget,
        )
        for ask in unknown:
            with pytest.raises(NotFound):
                ask("none")

    def test_a_closed_queue_refuses(self, queue: JobQueue) -> None:
        queue.register("count", count)
        queue.close()
        queue.close()
        with pytest.raises(StoreError):
            queue.submit("count", 1)
