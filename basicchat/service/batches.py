"""Taking files in in the background: one job a batch, one step a file, so that no file is taken in twice."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import BasicChatError, Cancelled, InvalidInput
from basicchat.core.protocols import JobContext, JobQueue
from basicchat.core.types import DEFAULT_COLLECTION, FileOutcome, FileStatus, Job, JobState, Json, Progress
from basicchat.service.batch_items import Batch, File, Work
from basicchat.service.inbox import Inbox
from basicchat.service.jobs import BAD, UNFINISHED, JobView, Problem, view

INGEST = "ingest"
"""The kind of the jobs that take files in. Their result counts the files by how they ended."""

AHEAD = 4
"""Files after the present one that may be read already."""

Report = Callable[[str, Progress], None]


class Shelving(Protocol):
    """What takes documents in and out: the ingestor."""

    def find(self, paths: Iterable[Path]) -> list[Path]:
        """The files to take in, each once: the named ones, and those of folders that something reads."""

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        passwords: Mapping[Path, str] | None = None,
        report: Report | None = None,
    ) -> Iterator[FileOutcome]:
        """One outcome a file, more for one that holds files."""

    def read_ahead(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        names: Mapping[Path, str] | None = None,
        passwords: Mapping[Path, str] | None = None,
    ) -> None:
        """Begin to read files that will be taken in soon."""

    def forget_ahead(self, paths: Iterable[Path]) -> None:
        """Stop to read these files ahead."""

    def remove(self, document_id: str) -> None:
        """Forget a document. Raises `NotFound`."""


class Batches:
    """Background jobs that take files in, what became of them, and another try for what went wrong."""

    def __init__(self, *, ingestor: Shelving, jobs: JobQueue, inbox: Inbox) -> None:
        self._ingestor = ingestor
        self._jobs = jobs
        self._inbox = inbox
        self._passwords: dict[str, str] = {}
        self._since = time.time()
        jobs.register(INGEST, self._run)

    def submit(self, batch: Batch, *, title: str, password: str = "") -> Job:
        """Queue a batch. A password stays in this process: a job that goes on in another one asks for it again."""
        key = secrets.token_hex(8) if password else ""
        if password:
            self._passwords[key] = password
        return self._jobs.submit(INGEST, to_json(replace(batch, key=key)), title=title)

    def view(self, job_id: str) -> JobView:
        """A job with its files and totals. Raises `NotFound`."""
        return view(self._jobs.get(job_id), self._jobs.items(job_id), now=time.time())

    def activity(self) -> list[JobView]:
        """Jobs with files that have not ended, or did so since this was made, newest first."""
        recent = [job for job in self._jobs.find() if job.state in UNFINISHED or job.updated_at >= self._since]
        views = [self.view(job.id) for job in recent]
        return [view for view in views if view.items or view.job.kind == INGEST]

    def retry(self, job_id: str, ordinals: Sequence[int] | None, *, password: str = "") -> Job:
        """Try files of a job again that failed or are locked, all of them or these.

        Raises `NotFound`, and `InvalidInput` where there is nothing to try again.
        """
        bad = [item for item in self._jobs.items(job_id) if item.status in BAD]
        chosen = [item for item in bad if ordinals is None or item.ordinal in ordinals]
        if not chosen:
            raise InvalidInput("None of these files failed.", hint="`basicchat jobs show` lists what did.")
        names = {item.source: item.name for item in chosen if self._inbox.holds(item.source)}
        batch = Batch(tuple(item.source for item in chosen), self._batch(job_id).collection, names, retries=job_id)
        title = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} files again"
        return self.submit(batch, title=title, password=password)

    def dismiss(self, job_id: str) -> None:
        """Forget a job that ended, the jobs whose files it tried again, and uploads that wait for another try.

        Raises `NotFound`, and `Conflict` for a job that has not ended.
        """
        batch, items = self._batch(job_id), self._jobs.items(job_id)
        self._jobs.forget(job_id)
        in_use = self.in_use()
        sources = [*batch.paths, *(item.source for item in items)]
        self._inbox.discard(source for source in sources if source not in in_use)
        if batch.retries in {job.id for job in self._jobs.find() if job.state not in UNFINISHED}:
            self.dismiss(batch.retries)

    def problems(self) -> list[Problem]:
        """Files that could not be taken in, newest first, each once; those that a later job took in are gone."""
        known: set[tuple[str, str]] = set()
        found = []
        jobs = self._jobs.find()
        oldest = max((number for number, job in enumerate(jobs) if _went_wrong(job)), default=-1)
        for job in jobs[: oldest + 1]:
            collection = self._batch(job.id).collection
            for item in self._jobs.items(job.id):
                file = (collection, item.name) if self._inbox.holds(item.source) else ("", item.source)
                if item.status is None or file in known:
                    continue
                known.add(file)
                if item.status in BAD:
                    found.append(Problem(job.id, item, collection))
        return found

    def in_use(self) -> set[str]:
        """Paths that jobs which have not ended will read."""
        going_on = [job for job in self._jobs.find(kind=INGEST) if job.state in UNFINISHED]
        return {path for job in going_on for path in self._batch(job.id).paths}

    def _batch(self, job_id: str) -> Batch:
        payload = self._jobs.payload(job_id)
        return from_json(Batch, {"paths": [], **payload}) if isinstance(payload, dict) else Batch(())

    # ------------------------------------------------------------ the job

    def _run(self, payload: Json, context: JobContext) -> Json:
        """The job: find the files, then take in one after the other, each in a step of its own."""
        batch = from_json(Batch, payload)
        context.progress(stage="finding files")
        files = from_json(list[File], context.step("find files", lambda: to_json(self._find(batch))))
        work = Work(batch, files, context, before=self._jobs.items(context.job_id))
        work.announce()
        statuses: Counter[str] = Counter()
        try:
            for ordinal, file in enumerate(files, start=1):
                item = work.end(ordinal, self._take(work, ordinal))
                statuses[str(item.status)] += 1
                if item.status not in BAD:
                    self._inbox.discard([file.path])
        finally:
            self._ingestor.forget_ahead([Path(file.path) for file in files])
        self._passwords.pop(batch.key, None)
        return dict(statuses)

    def _find(self, batch: Batch) -> list[File]:
        found = self._ingestor.find([Path(path) for path in batch.paths])
        return [File(str(path), _size(path)) for path in found]

    def _take(self, work: Work, ordinal: int) -> list[FileOutcome]:
        """What became of a file, or why its step was given up."""
        try:
            kept = work.context.step(work.name(ordinal), lambda: to_json(self._ingest(work, ordinal)))
        except Cancelled:
            raise
        except BasicChatError as error:  # the step was given up, or the store failed: the other files go on
            return [FileOutcome(work.name(ordinal), FileStatus.FAILED, error=f"{error} {error.hint}".strip())]
        return from_json(list[FileOutcome], kept)

    def _ingest(self, work: Work, ordinal: int) -> list[FileOutcome]:
        work.begin(ordinal)
        batch = work.batch
        here, *ahead = [Path(file.path) for file in work.files[ordinal - 1 : ordinal + AHEAD]]
        names = {Path(path): name for path, name in batch.names.items()}
        password = self._passwords.get(batch.key, "")
        passwords = {Path(file.path): password for file in work.files} if password else {}
        self._ingestor.read_ahead(ahead, collection=batch.collection, names=names, passwords=passwords)
        outcomes = self._ingestor.ingest(
            [here],
            collection=batch.collection,
            names=names,
            passwords=passwords,
            report=lambda _, progress: work.report(ordinal, progress),
        )
        return list(outcomes)


def _went_wrong(job: Job) -> bool:
    """Whether a job may have files that could not be taken in."""
    if job.state is JobState.DONE and isinstance(job.result, dict):
        return any(job.result.get(status) for status in BAD)
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever takes it in is told
        return 0
