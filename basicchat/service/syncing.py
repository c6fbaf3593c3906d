"""Bringing the library up to a followed folder: one step a file, each safe to do twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

from basicchat.core.codec import from_json, to_json
from basicchat.core.protocols import JobContext, Store
from basicchat.core.types import (
    DEFAULT_COLLECTION,
    FileOutcome,
    FileState,
    FileStatus,
    JobItem,
    Json,
    Progress,
    SyncReport,
    WatchedFolder,
)
from basicchat.ingest.files import stamp_of
from basicchat.ingest.follow import BAD, UNSURE, UNSURE_NS, Changes, changes
from basicchat.ingest.identity import file_digest
from basicchat.ingest.scan import scan

AHEAD = 4
"""Files that the ingestor is told of before their turn."""

Report = Callable[[str, Progress], None]


class Shelving(Protocol):
    """What takes files in and lets them go: the ingestor."""

    def ingest(
        self,
        paths: Iterable[Path],
        *,
        collection: str = DEFAULT_COLLECTION,
        report: Report | None = None,
        asked: bool = True,
    ) -> Iterator[FileOutcome]:
        """One outcome a file."""

    def read_ahead(self, paths: Iterable[Path], *, collection: str = DEFAULT_COLLECTION) -> None:
        """Begin to read what `ingest` will be asked for soon."""

    def forget_ahead(self, paths: Iterable[Path]) -> None:
        """Stop reading ahead."""

    def forget_source(self, source: str, *, collection: str = DEFAULT_COLLECTION) -> int:
        """Forget a source; how many documents went with it."""


@dataclass(frozen=True)
class Syncing:
    """Follows one folder. ``step``s of the context make a long sync go on where it was interrupted."""

    store: Store
    ingestor: Shelving

    def run(self, folder: WatchedFolder, context: JobContext, *, again: bool, first: int = 0) -> SyncReport:
        """Bring the library up to the folder. Items of the job count from ``first``. Raises what the context raises."""
        seen = context.step(f"scan {folder.id}", lambda: to_json(self._changes(folder, again)))
        found = from_json(Changes, seen)
        try:
            report = self._take_in(folder, found, context, first, again)
        finally:
            self.ingestor.forget_ahead(map(Path, found.touched))
        gone = context.step(f"gone {folder.id}", lambda: self._let_go(folder, found.gone))
        if not found.problem or found.touched:
            context.step(f"seen {folder.id}", lambda: self._seen(folder))
        return replace(report, removed=max(0, cast(int, gone) - report.moved))

    def _changes(self, folder: WatchedFolder, again: bool) -> Changes:
        with self.store.begin() as unit:
            known = unit.folders.files(folder.id)
        return changes(folder.path, scan(Path(folder.path), folder.ignore), known, again=again)

    def _take_in(
        self, folder: WatchedFolder, found: Changes, context: JobContext, first: int, again: bool
    ) -> SyncReport:
        counts = dict.fromkeys(("unchanged", "taken", "moved", "failed"), 0)
        counts["unchanged"] = found.unchanged
        total = len(found.touched)
        with self.store.begin() as unit:
            known = unit.folders.files(folder.id)
        for number, path in enumerate(found.touched):
            context.progress(stage="syncing", done=number, total=total, unit="files", note=Path(path).name)
            step = _File(self, folder, path, context, first + number, found, number, known, again)
            came_to = cast(str, context.step(f"file {folder.id} {path}", step.run))
            if came_to in counts:
                counts[came_to] += 1
        return SyncReport(folder.id, folder.path, **counts, problem=found.problem)

    def _let_go(self, folder: WatchedFolder, gone: Sequence[str]) -> int:
        """Forget files that are gone, or ignored from now on; how many that were."""
        for path in gone:
            self.ingestor.forget_source(path, collection=folder.collection)
            with self.store.begin() as unit:
                unit.folders.forget_files(folder.id, [path])
        return len(gone)

    def _seen(self, folder: WatchedFolder) -> Json:
        with self.store.begin() as unit:
            kept = unit.folders.get(folder.id)
            if kept is not None:
                unit.folders.add(replace(kept, synced_at=time.time()))
        return None


@dataclass(frozen=True)
class _File:
    """One file of a sync."""

    syncing: Syncing
    folder: WatchedFolder
    path: str
    context: JobContext
    ordinal: int
    found: Changes
    place: int
    known: Mapping[str, FileState]
    again: bool

    def run(self) -> Json:
        """Take the file in if its content is new; a word for what that came to."""
        path = Path(self.path)
        started = time.time()
        try:
            stamp, digest = stamp_of(path), file_digest(path)
        except FileNotFoundError:
            return "away"
        except OSError as error:
            told = f"The file cannot be opened: {error.strerror or error}."
            self._end(FileOutcome(self.path, FileStatus.FAILED, error=told), started)
            return "failed"
        files = self.known
        modified = UNSURE if started * 1e9 - stamp[1] < UNSURE_NS else stamp[1]
        before = files.get(self.path)
        if before is not None and before.digest == digest and not (self.again and before.status in BAD):
            self._keep(replace(before, size=stamp[0], modified_ns=modified))
            return "unchanged"
        outcomes = self._ingested(path)
        outcome = _joined(self.path, outcomes)
        self._keep(FileState(self.path, *(stamp[0], modified), digest, outcome.status, outcome.error))
        self._end(outcome, started)
        if outcome.status in BAD:
            return "failed" if outcomes else "passed over"
        return "moved" if self._was_elsewhere(digest, files) else "taken"

    def _ingested(self, path: Path) -> list[FileOutcome]:
        collection = self.folder.collection
        following = self.found.touched[self.place : self.place + AHEAD]
        self.syncing.ingestor.read_ahead(map(Path, following), collection=collection)

        def report(_: str, progress: Progress) -> None:
            self.context.item(_item(self.ordinal, self.path, progress))

        return list(self.syncing.ingestor.ingest([path], collection=collection, report=report, asked=False))

    def _was_elsewhere(self, digest: str, files: Mapping[str, FileState]) -> bool:
        return self.path not in files and any(
            files[gone].digest == digest for gone in self.found.gone if gone in files and not Path(gone).exists()
        )

    def _keep(self, state: FileState) -> None:
        with self.syncing.store.begin() as unit:
            if unit.folders.get(self.folder.id) is not None:
                unit.folders.keep_files(self.folder.id, [state])

    def _end(self, outcome: FileOutcome, started: float) -> None:
        self.context.item(
            replace(
                _item(self.ordinal, self.path, Progress("")),
                status=outcome.status,
                pages=outcome.pages,
                chunks=outcome.chunks,
                warnings=outcome.warnings,
                error=outcome.error,
                document_id=outcome.document_id,
                started_at=started,
                ended_at=time.time(),
            )
        )


def _item(ordinal: int, path: str, progress: Progress) -> JobItem:
    stage, done, total, unit = progress.stage, progress.done, progress.total, progress.unit
    return JobItem(ordinal, Path(path).name, path, stage=stage, done=done, total=total, unit=unit)


def _joined(path: str, outcomes: Sequence[FileOutcome]) -> FileOutcome:
    """One outcome of a file: that of an archive is as good as the best in it. No outcome: nothing here reads it."""
    if len(outcomes) == 1:
        return outcomes[0]
    good = [outcome for outcome in outcomes if outcome.status not in BAD]
    bad = [outcome for outcome in outcomes if outcome.status in BAD]
    if not good:
        return replace(bad[0], path=path) if bad else FileOutcome(path, FileStatus.FAILED)
    warnings = tuple(f"{outcome.path}: {outcome.error}" for outcome in bad)
    return FileOutcome(
        path,
        FileStatus.WARNINGS if warnings else FileStatus.DONE,
        pages=sum(outcome.pages for outcome in good),
        chunks=sum(outcome.chunks for outcome in good),
        warnings=warnings,
    )
