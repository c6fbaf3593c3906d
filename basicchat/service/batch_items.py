"""The files of a batch while it is taken in: what people see of each, and of the whole."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from basicchat.core.protocols import JobContext
from basicchat.core.types import DEFAULT_COLLECTION, FileOutcome, FileStatus, JobItem, Progress
from basicchat.service.jobs import BAD


@dataclass(frozen=True, slots=True)
class Batch:
    """What a job was asked to take in. ``names`` has the uploads among the paths, ``key`` finds a password."""

    paths: tuple[str, ...]
    collection: str = DEFAULT_COLLECTION
    names: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    retries: str = ""
    """The job whose files are tried again."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a batch and its bytes, as found when the job began."""

    path: str
    size: int


class Work:
    """Keeps the lines of a running job: one a file, by ordinal from 1, and the one of the whole.

    The whole counts bytes; that of a single file says how far the file is. ``before`` are the lines that an earlier
    run of the job left.
    """

    def __init__(
        self, batch: Batch, files: Sequence[File], context: JobContext, *, before: Sequence[JobItem] = ()
    ) -> None:
        self.batch = batch
        self.files = files
        self.context = context
        self._before = {item.ordinal: item for item in before}
        self._ends = [0, *accumulate(max(file.size, 1) for file in files)]
        self._items = {ordinal: self._waiting(ordinal) for ordinal in range(1, len(files) + 1)}

    def name(self, ordinal: int) -> str:
        """What a file is called."""
        path = self.files[ordinal - 1].path
        return self.batch.names.get(path) or Path(path).name

    def announce(self) -> None:
        """List every file."""
        for item in self._items.values():
            if item.status is None:
                self.context.item(item)

    def begin(self, ordinal: int) -> None:
        """Say that a file's turn has come."""
        self._items[ordinal] = replace(self._waiting(ordinal), stage="reading", started_at=time.time())
        self.context.item(self._items[ordinal])
        self._whole(ordinal, Progress("reading"))

    def report(self, ordinal: int, progress: Progress) -> None:
        """Say how far a file is."""
        self._items[ordinal] = replace(
            self._items[ordinal],
            stage=progress.stage,
            done=progress.done,
            total=progress.total,
            unit=progress.unit,
        )
        self.context.item(self._items[ordinal])
        self._whole(ordinal, progress)

    def end(self, ordinal: int, outcomes: Sequence[FileOutcome]) -> JobItem:
        """Say how a file ended; its line."""
        item = self._items[ordinal]
        if item.status is None:
            now = time.time()
            item = replace(_ended(item, outcomes), started_at=item.started_at or now, ended_at=now)
            if item.status is FileStatus.UNCHANGED and self._interrupted(ordinal):
                item = replace(item, status=FileStatus.WARNINGS if item.warnings else FileStatus.DONE)
            self._items[ordinal] = item
            self.context.item(item)
            if len(self.files) > 1:
                self._say(Progress(item.stage), item.name, self._ends[ordinal])
        return item

    def _interrupted(self, ordinal: int) -> bool:
        """Whether an earlier run was ended while it was at this file: what it finds unchanged now, that run took in."""
        known = self._before.get(ordinal)
        return known is not None and known.status is None and known.started_at is not None

    def _waiting(self, ordinal: int) -> JobItem:
        known = self._before.get(ordinal)
        if known is not None and known.status is not None:
            return known
        return JobItem(ordinal, self.name(ordinal), source=self.files[ordinal - 1].path)

    def _whole(self, ordinal: int, progress: Progress) -> None:
        name = self.name(ordinal)
        if len(self.files) == 1:
            self.context.progress(
                stage=progress.stage, done=progress.done, total=progress.total, unit=progress.unit, note=name
            )
            return
        share = progress.done / progress.total / 2 if progress.total else 0.0
        if progress.stage not in {"reading", "cutting"}:  # what is read has half of it behind
            share += 0.5
        start, end = self._ends[ordinal - 1], self._ends[ordinal]
        self._say(progress, name, start + int(min(share, 1.0) * (end - start)))

    def _say(self, progress: Progress, name: str, done: int) -> None:
        self.context.progress(stage=progress.stage, done=done, total=self._ends[-1], unit="bytes", note=name)


def _ended(item: JobItem, outcomes: Sequence[FileOutcome]) -> JobItem:
    """The line of a file that ended; one that holds files stands for all that is in it."""
    bad = [outcome for outcome in outcomes if outcome.status in BAD]
    warnings = [warning for outcome in outcomes for warning in outcome.warnings]
    good = len(outcomes) > len(bad)
    if good:
        warnings += [f"{outcome.path}: {outcome.error}" for outcome in bad]
    return replace(
        item,
        status=_status({outcome.status for outcome in outcomes}),
        stage="",
        done=0,
        total=0,
        unit="",
        pages=sum(outcome.pages for outcome in outcomes),
        chunks=sum(outcome.chunks for outcome in outcomes),
        warnings=tuple(warnings),
        error=None if good or not bad else bad[0].error,
        document_id=outcomes[0].document_id if len(outcomes) == 1 else None,
    )


def _status(statuses: set[FileStatus]) -> FileStatus:
    """One word for how all that is in a file ended."""
    if not statuses:
        return FileStatus.UNCHANGED
    if len(statuses) == 1:
        return next(iter(statuses))
    if statuses <= BAD:
        return FileStatus.NEEDS_PASSWORD
    return FileStatus.WARNINGS if statuses & (BAD | {FileStatus.WARNINGS}) else FileStatus.DONE
