"""Choosing the embedder of a library. A switch is a job; questions are answered from the old one until it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import BasicChatError, Conflict, NotFound
from basicchat.core.generations import GOING_ON, EmbedderStatus
from basicchat.core.protocols import JobContext, JobQueue, Store
from basicchat.core.types import Check, Job, JobState, Json, Progress
from basicchat.ingest.standing import Kept
from basicchat.ingest.switch import Switch

REINDEX = "reindex"
"""The kind of the jobs that build an index. Their result is the name of the embedder that serves then."""


Report = Callable[[str, Progress], None]


class Reindexer(Protocol):
    """What puts documents into the indexes: the ingestor."""

    def reindex(self, document_ids: Sequence[str] | None = None, *, report: Report | None = None) -> int:
        """Rebuild the projections of these documents, or of all."""


class Reindexing:
    """Switches embedders. ``trouble_with`` says what keeps an embedder from being used, empty if nothing does."""

    def __init__(
        self,
        *,
        switch: Switch,
        jobs: JobQueue,
        store: Store,
        reindexer: Reindexer,
        trouble_with: Callable[[str], str],
    ) -> None:
        self._switch = switch
        self._store = store
        self._reindexer = reindexer
        self._jobs = jobs
        self._trouble_with = trouble_with
        jobs.register(REINDEX, self._run)

    def switch(self, embedder: str) -> Job | None:
        """Let another embedder find passages once its index is built. None where it does already.

        Naming the one that serves gives up a switch that is going on. Raises `Conflict` while a switch to a third
        one goes on, and what keeps the embedder from being used, before anything is changed.
        """
        if embedder == self._switch.standing.active.embedder:
            self._stay()
            return None
        self._refuse_other(embedder)
        return self._submit(self._switch.planned(embedder), f"Switching to {embedder}")

    def back(self) -> Job:
        """Let the embedder before this one find passages again. Raises `NotFound` where none is kept."""
        previous = self._switch.standing.previous
        if previous is None:
            raise NotFound("There is no earlier embedder to go back to.", hint="Name the one you want instead.")
        self._refuse_other(previous.embedder)
        return self._submit(self._switch.planned(previous.embedder), f"Going back to {previous.embedder}")

    def rebuild(self) -> Job:
        """Build the index of the embedder that serves anew, from kept vectors; it takes over once it is whole."""
        embedder = self._switch.standing.active.embedder
        self._refuse_other(embedder)
        return self._submit(self._switch.renewed(embedder), "Building the index of meanings anew")

    def drop_old(self) -> str:
        """Throw away the index and the vectors of the embedder before this one; its name. Raises `NotFound`."""
        gone = self._switch.forget_previous()
        if gone is None:
            raise NotFound("No earlier embedder is kept.", hint="There is nothing to throw away.")
        return gone.embedder

    def status(self) -> EmbedderStatus:
        """How things stand."""
        standing = self._switch.standing
        job = self._last()
        building = standing.building.embedder if standing.building else ""
        return EmbedderStatus(
            active=standing.active.embedder,
            building=building,
            previous=standing.previous.embedder if standing.previous else "",
            job=job,
            done=job.done if job and building else 0,
            total=job.total if job and building else 0,
            trouble=self._trouble_with(standing.active.embedder),
        )

    def resume(self) -> Job | None:
        """Go on with a switch that was interrupted, or begin the one that a change of the settings asks for.

        A switch that somebody cancelled is left alone. None where there is nothing to do.
        """
        self._switch.sweep()
        wished, building, last = self._switch.wished(), self._switch.standing.building, self._last()
        if wished is not None:
            return None if self._trouble_with(wished) else self.switch(wished)
        if building is None or (last is not None and last.state is JobState.CANCELLED):
            return None
        return self._submit(building, f"Switching to {building.embedder}")

    def complete(self, report: Report | None = None) -> int:
        """Index now what is in the library and not in its indexes; how many documents that were."""
        with self._store.begin() as unit:
            waiting = [document.id for document in unit.documents.unindexed()]
        return self._reindexer.reindex(waiting, report=report) if waiting else 0

    def checks(self, repair: bool) -> list[Check]:
        """Whether the embedder that serves is the one whose vectors it searches, for the doctor."""
        standing, name = self._switch.standing, "embedder"
        if trouble := self._trouble_with(standing.active.embedder):
            return [Check(name, False, f"{standing.active.embedder}: {trouble}", _what_to_do(standing.active.embedder))]
        self._switch.remember_model()
        try:
            model = self._switch.model_of(standing.active.embedder)
        except BasicChatError as error:
            return [Check(name, False, str(error), error.hint)]
        kept = self._switch.standing.active.model
        if kept in ("", model):
            return [Check(name, True, f"{standing.active.embedder} made the vectors that are searched")]
        if repair:
            self._jobs.wait(self.rebuild().id)
            return self.checks(False)
        detail = f"{standing.active.embedder} is now {model}, the vectors were made by {kept}"
        return [Check(name, False, detail, "Run `basicchat doctor --repair`: it embeds the library again.")]

    def _stay(self) -> None:
        job = self._last()
        if job is not None and job.state in GOING_ON:
            self._jobs.cancel(job.id)
        self._switch.stay()

    def _refuse_other(self, embedder: str) -> None:
        job, building, active = self._last(), self._switch.standing.building, self._switch.standing.active.embedder
        if building is not None and building.embedder != embedder and job is not None and job.state in GOING_ON:
            raise Conflict(
                f"A switch to {building.embedder} is going on.",
                hint=f"Wait for it, or give it up with: basicchat library embedder {active}",
            )

    def _submit(self, target: Kept, title: str) -> Job:
        if self._switch.standing.building != target:
            self._switch.begin(target)
        return self._jobs.submit(REINDEX, to_json(target), title=title, key=REINDEX)

    def _last(self) -> Job | None:
        return next(iter(self._jobs.find(kind=REINDEX)), None)

    def _run(self, payload: Json, context: JobContext) -> Json:
        """The job. It finds out by itself how far an earlier run came, so it needs no steps that are remembered."""
        target = from_json(Kept, cast(dict[str, Json], payload))

        def tell(step: Progress) -> None:
            context.progress(stage=step.stage, done=step.done, total=step.total, unit=step.unit)

        self._switch.carry_out(target, tell)
        return self._switch.standing.active.embedder


def _what_to_do(embedder: str) -> str:
    return f"Make it available, or choose another one with: basicchat library embedder NAME ({embedder} is used now)."
