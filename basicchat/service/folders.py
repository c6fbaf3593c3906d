"""Folders whose files are followed: new, changed, moved and deleted ones, now or whenever something happens there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from basicchat.core.codec import to_json
from basicchat.core.errors import Conflict, InvalidInput, NotFound
from basicchat.core.protocols import JobContext, JobQueue, Store
from basicchat.core.types import DEFAULT_COLLECTION, FileState, Job, JobItem, Json, Progress, SyncReport, WatchedFolder
from basicchat.ingest.identity import digest_of
from basicchat.service.names import collection_name
from basicchat.service.syncing import Report, Shelving, Syncing

SYNC = "sync"
"""The kind of the jobs that follow folders. Their result is a list of `SyncReport` in JSON."""


class Folders:
    """The folders that are followed. A folder is called by its id or by its path."""

    def __init__(self, *, ingestor: Shelving, store: Store, jobs: JobQueue) -> None:
        self._ingestor = ingestor
        self._store = store
        self._jobs = jobs
        self._syncing = Syncing(store, ingestor)
        jobs.register(SYNC, self._run)

    def add(self, path: Path, *, collection: str = DEFAULT_COLLECTION, ignore: Sequence[str] = ()) -> WatchedFolder:
        """Follow a folder from the next sync on; one that is followed already gets the new patterns.

        Raises `InvalidInput` for what is no folder, `Conflict` for one that lies in another that fills the same
        collection, or holds such a one.
        """
        whole = os.path.abspath(path)
        if not os.path.isdir(whole):
            raise InvalidInput(f"There is no folder {whole}.", hint="Check the path.")
        collection = collection_name(collection)
        made = WatchedFolder(
            digest_of(f"{collection}\0{whole}")[:12], whole, collection, tuple(ignore), added_at=time.time()
        )
        with self._store.begin() as unit:
            for other in unit.folders.find():
                if other.collection == collection and other.id != made.id and _overlap(other.path, whole):
                    raise Conflict(
                        f"The folder {other.path} is followed already.",
                        hint="It fills the same collection. Choose another one with --collection.",
                    )
            known = unit.folders.get(made.id)
            folder = made if known is None else replace(known, ignore=made.ignore, paused=False)
            unit.folders.add(folder)
        return folder

    def all(self) -> list[WatchedFolder]:
        """Every followed folder, by path."""
        with self._store.begin() as unit:
            return unit.folders.find()

    def get(self, folder: str) -> WatchedFolder:
        """A folder by its id or path. Raises `NotFound`."""
        whole = os.path.abspath(folder)
        for known in self.all():
            if folder == known.id or whole == known.path:
                return known
        raise NotFound(
            f"The folder {folder} is not followed.", hint=f'Follow it: basicchat library watch add "{folder}"'
        )

    def files(self, folder: str) -> list[FileState]:
        """What is known of the files of a folder, by path. Raises `NotFound`."""
        with self._store.begin() as unit:
            return sorted(unit.folders.files(self.get(folder).id).values(), key=lambda state: state.path)

    def remove(self, folder: str, *, documents: bool = False) -> int:
        """Follow a folder no more; with ``documents``, let go what came from it too, and say how many that were."""
        known = self.get(folder)
        with self._store.begin() as unit:
            files = unit.folders.files(known.id)
            unit.folders.remove(known.id)
        if not documents:
            return 0
        return sum(self._ingestor.forget_source(path, collection=known.collection) for path in sorted(files))

    def pause(self, folder: str, *, paused: bool = True) -> WatchedFolder:
        """Follow a folder only when asked by name, or follow it again. Raises `NotFound`."""
        known = replace(self.get(folder), paused=paused)
        with self._store.begin() as unit:
            unit.folders.add(known)
        return known

    def submit(self, folder: str | None = None, *, again: bool = False) -> Job:
        """Follow a folder, or all that are not paused, in the background. One sync of the same at a time."""
        chosen = self._chosen(folder)
        payload = to_json({"folders": [each.id for each in chosen], "again": again})
        title = f"Follow {Path(chosen[0].path).name}" if len(chosen) == 1 else f"Follow {len(chosen)} folders"
        return self._jobs.submit(SYNC, payload, title=title, key=f"{SYNC}:{folder and chosen[0].id}:{again}")

    def sync(self, folder: str | None = None, *, again: bool = False, report: Report | None = None) -> list[SyncReport]:
        """Follow a folder, or all that are not paused, now. ``again`` also tries files that failed before.

        ``report`` hears of every file and may raise to stop: what was finished stays. Raises `NotFound`.
        """
        return self._sync(self._chosen(folder), _Foreground(report), again=again)

    def _sync(self, folders: Sequence[WatchedFolder], context: JobContext, *, again: bool) -> list[SyncReport]:
        reports: list[SyncReport] = []
        items = 0
        for folder in folders:
            done = self._syncing.run(folder, context, again=again, first=items)
            items += done.taken + done.moved + done.failed + done.unchanged
            reports.append(done)
        return reports

    def _chosen(self, folder: str | None) -> list[WatchedFolder]:
        return [self.get(folder)] if folder is not None else [each for each in self.all() if not each.paused]

    def _run(self, payload: Json, context: JobContext) -> Json:
        """The job: follow the folders that the payload names, as far as they are still followed."""
        given = cast(dict[str, Json], payload)
        with self._store.begin() as unit:
            found = [unit.folders.get(str(each)) for each in cast(list[Json], given["folders"])]
        folders = [each for each in found if each is not None]
        return [to_json(each) for each in self._sync(folders, context, again=bool(given.get("again")))]


class _Foreground:
    """What a sync says and asks when no job runs it."""

    job_id = ""

    def __init__(self, report: Report | None) -> None:
        self._report = report

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        if self._report is not None:
            self._report(note, Progress(stage, done, total, unit))

    def step(self, name: str, run: Callable[[], Json]) -> Json:
        return run()

    def item(self, item: JobItem) -> None:
        if self._report is not None and item.status is None:
            self._report(item.name, Progress(item.stage, item.done, item.total, item.unit))


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(os.path.join(other, "")) or other.startswith(os.path.join(one, ""))
