"""Model files and chat models, as interfaces see them: what there is, and fetching what is not, in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from basicchat.core.errors import DigestMismatch, FetchFailed, InvalidInput, NotFound
from basicchat.core.protocols import JobContext, JobQueue
from basicchat.core.types import Job, JobState, Json, ModelInfo, Progress

PULL = "pull-model"
UNFINISHED = frozenset({JobState.QUEUED, JobState.RUNNING})


class CatalogueEntry(Protocol):
    """A model of the catalogue."""

    @property
    def name(self) -> str:
        """The word that names it everywhere."""

    @property
    def role(self) -> str:
        """What it is for: chat, embed, rerank, speech, ocr or fixture."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def licence(self) -> str:
        """The licence of the weights, as upstream names it."""

    @property
    def upstream(self) -> str:
        """Who made it, and under what name."""

    @property
    def size(self) -> int:
        """Bytes on the disk."""


class FileCheck(Protocol):
    """One file of a model after a check."""

    @property
    def path(self) -> str:
        """The file inside the model's folder."""

    @property
    def state(self) -> str:
        """``ok``, ``missing``, ``wrong``, or ``unknown`` for a file of the user's own."""

    @property
    def sha256(self) -> str:
        """The digest that was found, empty for a missing file."""


class FilesOnDisk(Protocol):
    """The folder of model files."""

    def entries(self) -> Sequence[CatalogueEntry]:
        """Every model of the catalogue."""

    def installed(self) -> Sequence[str]:
        """Names of what can be used now, files of the user's own included."""

    def path(self, name: str) -> Path:
        """The folder of a known model, or the file of one's own. Raises `NotFound` or `DependencyMissing`."""

    def pull(self, name: str) -> Generator[Progress, None, None]:
        """Fetch a model. Raises `NotFound`, `FetchFailed` or `DigestMismatch`."""

    def verify(self, name: str) -> Sequence[FileCheck]:
        """Compare every file with the catalogue. Raises `NotFound`."""

    def remove(self, name: str) -> None:
        """Delete a model's files. Raises `NotFound` or `Conflict`."""


class ChatModels(Protocol):
    """The models that servers offer to chat with, such as `basicchat.service.providers.ChatProviders`."""

    def models(self) -> list[ModelInfo]:
        """Chat models of every server that answers."""

    def look_again(self) -> None:
        """Forget what the servers said."""


@dataclass(frozen=True, slots=True)
class ModelFileState:
    """A model of the catalogue, or a file of the user's own (role ``own``), and how it stands.

    ``default`` says that this machine fetches it by itself, ``job`` is the latest fetch of it in this process.
    """

    name: str
    role: str
    title: str
    licence: str
    size_bytes: int
    installed: bool
    default: bool
    upstream: str = ""
    job: Job | None = None


class Models:
    """What models there are. ``defaults`` are the names to have on this machine, in the order to fetch them.

    ``changed`` is called after a model came or went, in the thread that saw it.
    """

    def __init__(
        self,
        *,
        files: FilesOnDisk,
        chat: ChatModels,
        jobs: JobQueue,
        defaults: Sequence[str] = (),
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._files = files
        self._chat = chat
        self._jobs = jobs
        self._defaults = tuple(dict.fromkeys(defaults))
        self._changed = changed
        self._submitting = threading.RLock()  # an inline queue submits the next job from inside the first
        jobs.register(PULL, self._run_pull)

    def chat_models(self) -> list[ModelInfo]:
        """Models that can answer now, of every server, in the order the servers are asked."""
        return self._chat.models()

    def files(self) -> list[ModelFileState]:
        """Every model of the catalogue, then every file of the user's own."""
        installed = list(self._files.installed())
        jobs = self._latest_jobs()
        known = [
            ModelFileState(
                name=entry.name,
                role=entry.role,
                title=entry.title,
                licence=entry.licence,
                size_bytes=entry.size,
                installed=entry.name in installed,
                default=entry.name in self._defaults,
                upstream=entry.upstream,
                job=jobs.get(entry.name),
            )
            for entry in self._files.entries()
        ]
        names = {state.name for state in known}
        return known + [self._own(name) for name in installed if name not in names]

    def pull(self, name: str) -> Job:
        """Fetch a model in the background, or the job that already does. Raises `NotFound`."""
        return self._submit(name)

    def pull_now(self, name: str) -> Iterator[Progress]:
        """Fetch a model in this thread, for the command line. Raises `NotFound`, `FetchFailed` or `DigestMismatch`."""
        yield from self._files.pull(name)
        self._tell()

    def remove(self, name: str) -> None:
        """Delete a model's files. Raises `NotFound`, or `Conflict` while they are in use or the user's own."""
        self._files.remove(name)
        self._tell()

    def verify(self, name: str) -> Sequence[FileCheck]:
        """Every file of a model with its state: ``ok``, ``missing``, ``wrong``, or ``unknown`` for one's own file."""
        return self._files.verify(name)

    def ensure_defaults(self) -> list[Job]:
        """Fetch in the background whatever of this machine's defaults is missing.

        One after another, in order, so that the first is there soon and other work finds a free worker: each job
        submits the next one when it ends. Returns the first, or nothing when all is there.
        """
        return self._next_of(self._defaults)

    def _next_of(self, names: Sequence[str]) -> list[Job]:
        installed = set(self._files.installed())
        missing = [name for name in names if name not in installed]
        return [self._submit(missing[0], then=missing[1:])] if missing else []

    def _submit(self, name: str, *, then: Sequence[str] = ()) -> Job:
        self._entry(name)
        with self._submitting:
            running = self._latest_jobs().get(name)
            if running is not None and running.state in UNFINISHED:
                return running
            return self._jobs.submit(PULL, {"name": name, "then": list(then)}, title=name)

    def _run_pull(self, payload: Json, context: JobContext) -> Json:
        name, then = _pull_of(payload)
        try:
            with closing(self._files.pull(name)) as steps:  # a cancelled job must let go of the lock at once
                for progress in steps:
                    context.progress(stage=progress.stage, done=progress.done, total=progress.total, unit=progress.unit)
        except (FetchFailed, DigestMismatch):
            self._next_of(then)
            raise
        self._tell()
        self._next_of(then)
        return {"name": name}

    def _tell(self) -> None:
        self._chat.look_again()
        self._changed()

    def _entry(self, name: str) -> CatalogueEntry:
        for entry in self._files.entries():
            if entry.name == name:
                return entry
        raise NotFound(f"No model is called {name}.", hint="`basicchat models list` shows the names.")

    def _latest_jobs(self) -> dict[str, Job]:
        return {job.title: job for job in reversed(self._jobs.find(kind=PULL))}

    def _own(self, name: str) -> ModelFileState:
        path = self._files.path(name)
        return ModelFileState(
            name=name,
            role="own",
            title=path.name,
            licence="",
            size_bytes=path.stat().st_size,
            installed=True,
            default=False,
        )


def _pull_of(payload: Json) -> tuple[str, tuple[str, ...]]:
    """The model that a job fetches, and those to fetch after it."""
    if not isinstance(payload, Mapping) or not isinstance(name := payload.get("name"), str):
        raise InvalidInput("A fetch needs the name of a model.")
    then = payload.get("then")
    return name, tuple(str(other) for other in then) if isinstance(then, list) else ()
