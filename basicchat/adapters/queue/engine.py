"""DBOS as the engine of durable jobs: it runs what was handed to it, and again what a killed process left behind.

A job is one workflow and its steps are steps of it. DBOS keeps a step's result in its own SQLite file; nothing of it
is loaded before it is needed, and nothing of it listens on or calls a network.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from basicchat.adapters.queue.board import make_ready
from basicchat.core.errors import StoreError
from basicchat.core.types import Json

if TYPE_CHECKING:
    from dbos import DBOSConfig

NAME = "basicchat"
QUEUE = "jobs"

VERSION = "1"
"""Of the steps that jobs are made of. A job that another version began is not gone on with."""

END_SECONDS = 2.0
"""How long closing waits for the engine to write down that a job ended. It would only find out again."""

Run = Callable[[str], bool]
"""Runs a job by its id. False says that it is not over: nothing of its end is kept."""


class _Left(BaseException):
    """A run that stopped before the end of its job. Not an `Exception`, so that DBOS keeps no outcome."""


class Engine:
    """The one engine of this process. Every method but `step` is called outside of jobs."""

    _taken: ClassVar[Engine | None] = None
    _taking = threading.Lock()
    _workflow: ClassVar[Any] = None

    def __init__(self, folder: Path, run: Run, *, workers: int, poll_seconds: float) -> None:
        self._folder = folder
        self._run = run
        self._workers = workers
        self._poll_seconds = poll_seconds
        self._ending: set[str] = set()
        self.launched = False

    def launch(self) -> bool:
        """Start it; False where another library of this process uses it. Launching twice is launching once."""
        with Engine._taking:
            if Engine._taken not in (None, self):
                return False
            Engine._taken = self
        if not self.launched:
            try:
                with _translated():
                    self._launch()
            except StoreError:
                self.destroy()
                raise
        return True

    def destroy(self) -> None:
        """Stop it and let another library of this process have it."""
        if Engine._taken is not self:
            return
        from dbos import DBOS

        self._await_ends()
        DBOS.destroy()
        self.launched = False
        with Engine._taking:
            Engine._taken = None

    def offer(self, job_id: str) -> None:
        """See to it that a job runs: a new one, or one that left off. Raises `StoreError`."""
        from dbos import DBOS, SetWorkflowID

        with _translated():
            status = DBOS.get_workflow_status(job_id)
            if status is None:
                with SetWorkflowID(job_id):
                    DBOS.enqueue_workflow(QUEUE, Engine._workflow, job_id)
            elif status.status not in {"ENQUEUED", "PENDING"}:
                DBOS.resume_workflow(job_id, queue_name=QUEUE)

    def lay_aside(self, job_id: str) -> None:
        """Do not go on with a job before it is offered again. Raises `StoreError`."""
        from dbos import DBOS

        with _translated():
            DBOS.cancel_workflow(job_id)

    def tidy(self, keep: Callable[[str], bool]) -> None:
        """Forget the kept steps of the jobs that need not be kept. Raises `StoreError`."""
        from dbos import DBOS

        with _translated():
            for workflow in DBOS.list_workflows(load_input=False, load_output=False):
                if not keep(workflow.workflow_id):
                    DBOS.delete_workflow(workflow.workflow_id)

    @staticmethod
    def step(name: str, run: Callable[[], Json]) -> Json:
        """The kept result of a step of the job that runs in this thread, or that of doing it now."""
        from dbos import DBOS

        return DBOS.run_step({"name": name}, run)

    def _launch(self) -> None:
        logging.getLogger("dbos").addHandler(logging.NullHandler())  # else it writes to the terminal
        for name in [name for name in os.environ if name.startswith("DBOS_")]:
            del os.environ[name]  # on import it reads whether to report to its maker's cloud
        from dbos import DBOS

        file = self._folder / "engine.sqlite"
        make_ready(file)  # a damaged file costs finished steps alone
        if Engine._workflow is None:
            Engine._workflow = DBOS.workflow(name="run_job", max_recovery_attempts=None)(_run_job)
        DBOS(config=_config(file, self._poll_seconds))
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self._workers,
            polling_interval_sec=self._poll_seconds,
            on_conflict="always_update",
        )
        self.launched = True

    def run(self, job_id: str) -> None:
        """Run a job in this thread, which DBOS gave."""
        if not self._run(job_id):
            raise _Left
        self._ending.add(job_id)

    def _await_ends(self) -> None:
        """Wait until DBOS has written down the jobs that have just ended."""
        from dbos import DBOS

        until = time.monotonic() + END_SECONDS
        while self.launched and self._ending and time.monotonic() < until:
            job_id = next(iter(self._ending))
            status = DBOS.get_workflow_status(job_id)
            if status is None or status.status != "PENDING":
                self._ending.discard(job_id)
            else:
                time.sleep(0.01)


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever the engine's libraries raise is a `StoreError`: its file is all that it works on."""
    try:
        yield
    except Exception as error:
        raise StoreError(f"The engine of background jobs does not work: {error}.") from error


def _run_job(job_id: str) -> None:
    """The one workflow: the library that has the engine knows the job."""
    engine = Engine._taken
    if engine is None:
        raise _Left
    engine.run(job_id)


def _config(file: Path, poll_seconds: float) -> DBOSConfig:
    from dbos import Serializer

    class JsonSerializer(Serializer):
        """Plain JSON, where the default would be pickles: a file must not be able to run anything."""

        def serialize(self, data: Any) -> str:
            return json.dumps(data, default=str)

        def deserialize(self, serialized_data: str) -> Any:
            return json.loads(serialized_data)

        def name(self) -> str:
            return "json"

    return {
        "name": NAME,
        "system_database_url": f"sqlite:///{file.as_posix()}",
        "application_version": VERSION,
        "executor_id": "local",
        "log_level": "WARNING",
        "enable_otlp": False,
        "serializer": JsonSerializer(),
        "notification_listener_polling_interval_sec": 5 * poll_seconds,  # nothing is ever notified
        "scheduler_polling_interval_sec": 3600.0,
    }
