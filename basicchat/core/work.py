"""Getting files in, and work in the background: the part of `basicchat.core.types` that is about what is being done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

DEFAULT_COLLECTION: Final = "default"


class FileStatus(StrEnum):
    """How ingesting one file ended. The words are part of the command line's contract."""

    DONE = "done"
    WARNINGS = "warnings"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    NEEDS_PASSWORD = "needs-password"  # noqa: S105 - a status, not a secret


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """How ingesting one file ended; ``document_id`` is None for a failed file and for one that held many documents.

    ``pages`` and ``chunks`` are totals over the file. ``error`` says what happened and what to do next.
    """

    path: str
    status: FileStatus
    document_id: str | None = None
    pages: int = 0
    chunks: int = 0
    warnings: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder whose files are followed. ``ignore`` holds patterns as in ``.gitignore``. Times are since the epoch."""

    id: str
    path: str
    collection: str = DEFAULT_COLLECTION
    ignore: tuple[str, ...] = ()
    added_at: float = 0.0
    synced_at: float | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class FileState:
    """What a sync knows of a file: enough to see without reading it that it has not changed."""

    path: str
    size: int
    modified_ns: int
    digest: str
    status: FileStatus
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What following a folder came to, in files. ``problem`` says why nothing, or not everything, was followed.

    ``taken`` are new or changed and in the library now, ``moved`` are there under a new name, ``failed`` could not be
    read, ``removed`` are gone.
    """

    folder_id: str
    path: str
    unchanged: int = 0
    taken: int = 0
    moved: int = 0
    failed: int = 0
    removed: int = 0
    problem: str = ""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of background work. ``done`` of ``total`` are in ``unit``; ``total`` 0 means not yet known."""

    id: str
    kind: str
    title: str
    state: JobState
    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    error: str | None = None
    result: Any = None
    created_at: float = 0.0
    updated_at: float = 0.0
    """The heartbeat: when it last said anything."""


@dataclass(frozen=True, slots=True)
class JobItem:
    """One file of a job. ``status`` is None until it has ended, ``stage`` empty until it has begun.

    ``source`` is where to read it again for a retry. Times are seconds since the epoch.
    """

    ordinal: int
    name: str
    source: str = ""
    status: FileStatus | None = None
    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    pages: int = 0
    chunks: int = 0
    warnings: tuple[str, ...] = ()
    error: str | None = None
    document_id: str | None = None
    started_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is: ``done`` of ``total`` in ``unit``; ``total`` 0 means not yet known."""

    stage: str
    done: int = 0
    total: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of the doctor. ``repair`` says what would mend it, empty when all is well."""

    name: str
    ok: bool
    detail: str
    repair: str = ""
