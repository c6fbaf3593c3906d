"""What commands need of the assistant, whether it lives in this process or in the one that owns the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from basicchat.cli import invocation
from basicchat.cli.essentials import fetch_essentials
from basicchat.core.events import Event
from basicchat.core.filters import Filter
from basicchat.core.generations import EmbedderStatus
from basicchat.core.jobs import JobView, Problem
from basicchat.core.research import Study
from basicchat.core.trace import Trace, TracedAnswer
from basicchat.core.types import (
    Check,
    Chunk,
    ChunkVersion,
    Document,
    Entry,
    FileOutcome,
    FileState,
    Hit,
    Job,
    Json,
    Message,
    Page,
    Progress,
    SyncReport,
    Table,
    TableInfo,
    ToolCall,
    WatchedFolder,
)
from basicchat.reason.gate import Strictness
from basicchat.service.curation import State

Report = Callable[[str, Progress], None]


class LibraryClient(Protocol):
    """The documents."""

    def documents(self, collection: str | None = None) -> list[Document]:
        """Documents, newest first."""

    def document(self, document_id: str) -> Document:
        """One document. Raises `NotFound`."""

    def page(self, document_id: str, number: int) -> Page:
        """A page of a document, from 1. Raises `NotFound`."""

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """The passages of a document, in order. Raises `NotFound`."""

    def remove(self, document_id: str) -> None:
        """Forget a document. Raises `NotFound`."""

    def ingest(
        self, paths: Sequence[Path], *, collection: str = ..., report: Report | None = None
    ) -> Iterator[FileOutcome]:
        """Take files in, one outcome a file."""

    def job(self, job_id: str) -> JobView:
        """A job with its files and totals. Raises `NotFound`."""

    def problems(self) -> list[Problem]:
        """Files that could not be taken in, newest first."""

    def retry(self, job_id: str, ordinals: Sequence[int] | None = None, password: str = "") -> Job:
        """Try files again that failed or are locked. Raises `NotFound` or `InvalidInput`."""

    def dismiss(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound` or `Conflict`."""


class JobsClient(Protocol):
    """Work in the background."""

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now. Raises `NotFound`."""

    def resume(self, job_id: str) -> None:
        """Go on with it. Raises `NotFound`."""

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good. Raises `NotFound`."""


class TablesClient(Protocol):
    """The tables of the documents."""

    def describe(self, *, collection: str | None = None) -> list[TableInfo]:
        """What a query may name."""

    def query(
        self, sql: str, *, limit: int = ..., collection: str | None = ..., document_ids: Sequence[str] | None = ...
    ) -> Table:
        """The result of one SELECT within a collection or some documents. Raises `InvalidInput`."""


class EmbedderClient(Protocol):
    """The embedder that finds passages, and the way to another one."""

    def status(self) -> EmbedderStatus:
        """How things stand."""

    def switch(self, embedder: str) -> Job | None:
        """Let another embedder find passages once its index is built. None where it does already."""

    def back(self) -> Job:
        """Let the embedder before this one find passages again. Raises `NotFound`."""

    def rebuild(self) -> Job:
        """Build the index anew from kept vectors."""

    def complete(self, report: Report | None = None) -> int:
        """Index now what is not indexed; how many documents that were."""

    def drop_old(self) -> str:
        """Throw away what the embedder before this one left; its name. Raises `NotFound`."""


class FoldersClient(Protocol):
    """The folders that are followed."""

    def all(self) -> list[WatchedFolder]:
        """Every followed folder, by path."""

    def add(self, path: Path, *, collection: str = ..., ignore: Sequence[str] = ()) -> WatchedFolder:
        """Follow a folder."""

    def files(self, folder: str) -> list[FileState]:
        """What is known of its files."""

    def remove(self, folder: str, *, documents: bool = False) -> int:
        """Follow it no more."""

    def pause(self, folder: str, *, paused: bool = True) -> WatchedFolder:
        """Follow it only when asked by name, or again."""

    def sync(self, folder: str | None = None, *, again: bool = False, report: Report | None = None) -> list[SyncReport]:
        """Follow it now, or all that are not paused."""


class CurationClient(Protocol):
    """Tags, collections, corrections."""

    def entries(
        self,
        text: str = "",
        *,
        collection: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        state: State | None = None,
    ) -> list[Entry]:
        """Lines of the library, newest first."""

    def tags(self) -> dict[str, int]:
        """How many documents have each tag."""

    def tag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Add tags to documents. Raises `NotFound` or `InvalidInput`."""

    def untag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Take tags from documents. Raises `NotFound`."""

    def move(self, document_ids: Sequence[str], collection: str) -> list[str]:
        """Put documents into another collection; their ids there. Raises `NotFound` or `InvalidInput`."""

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents. Raises `NotFound`, and then nothing was forgotten."""

    def edit_chunk(self, chunk_id: str, text: str) -> Chunk:
        """Give a passage another text. Raises `NotFound` or `InvalidInput`."""

    def history(self, chunk_id: str) -> list[ChunkVersion]:
        """Every text that a passage had. Raises `NotFound`."""

    def rollback(self, chunk_id: str, version: int) -> Chunk:
        """Give a passage a text that it had before. Raises `NotFound`."""


class QualityClient(Protocol):
    """The check of the library."""

    def checked(self, collection: str = ..., count: int = ..., model: str = ..., report: Report | None = None) -> Json:
        """What the check found, a `Checked` as JSON. Raises `NotFound` where there is nothing to ask about."""


class TracesClient(Protocol):
    """How kept answers were made."""

    def answers(self, *, limit: int = ...) -> list[TracedAnswer]:
        """Answers with a trace, newest first."""

    def get(self, answer_id: str) -> Trace:
        """The trace of an answer, by its id or the beginning of it. Raises `NotFound` or `InvalidInput`."""


class ResearchClient(Protocol):
    """Deep research."""

    def submit(
        self,
        question: str,
        *,
        collection: str = ...,
        model: str = "",
        parts: Sequence[str] = (),
        web: bool = False,
        most_parts: int = ...,
        most_sources: int = ...,
    ) -> Study:
        """Look into a question in the background. Raises `InvalidInput`."""

    def all(self) -> list[Study]:
        """Every inquiry, newest first."""

    def study(self, study_id: str) -> Study:
        """One inquiry as it stands now. Raises `NotFound`."""

    def export(self, study_id: str, form: str = "markdown") -> str:
        """The report as a text. Raises `NotFound` or `InvalidInput`."""

    def pause(self, study_id: str) -> None:
        """Stop for now. Raises `NotFound`."""

    def resume(self, study_id: str) -> None:
        """Go on after the last finished step. Raises `NotFound`."""

    def cancel(self, study_id: str) -> None:
        """Stop for good. Raises `NotFound`."""

    def forget(self, study_id: str) -> None:
        """Forget an inquiry and its report. Raises `NotFound` or `Conflict`."""


class Client(Protocol):
    """The assistant as a command sees it."""

    @property
    def library(self) -> LibraryClient:
        """The documents."""

    @property
    def curation(self) -> CurationClient:
        """Tags, collections, corrections."""

    @property
    def jobs(self) -> JobsClient:
        """Work in the background."""

    @property
    def folders(self) -> FoldersClient:
        """The folders that are followed."""

    @property
    def tables(self) -> TablesClient:
        """The tables of the documents."""

    @property
    def reindexing(self) -> EmbedderClient:
        """The embedders."""

    @property
    def quality(self) -> QualityClient:
        """The check of the library."""

    @property
    def traces(self) -> TracesClient:
        """How kept answers were made."""

    @property
    def research(self) -> ResearchClient:
        """Deep research."""

    def search(
        self,
        text: str,
        *,
        collection: str = ...,
        document_ids: Sequence[str] = (),
        only: Filter = ...,
        top_k: int = ...,
    ) -> list[Hit]:
        """Passages for a question, best first, of what fits a filter."""

    def stream(
        self,
        question: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        collection: str = ...,
        only: Filter = ...,
        history: Sequence[Message] = (),
        fresh: bool = False,
        specialist: str | None = None,
        strictness: Strictness | None = None,
        allowed: Sequence[ToolCall] = (),
        without: Sequence[str] = (),
    ) -> Iterator[Event]:
        """The events of an answer; ``allowed`` are calls of tools that the person said yes to, ``without`` are files
        that must not be drawn on.
        """

    def doctor(self, *, repair: bool = False, deep: bool = False) -> list[Check]:
        """Look everything over."""


def open_client(*, finds: bool = False) -> AbstractContextManager[Client]:
    """The assistant for the command that runs. Raises `StoreLocked` when its library is taken and cannot be shared.

    A command that ``finds`` passages, or makes them, first fetches the models for it where they are missing, unless
    another process owns the library. Raises what `fetch_essentials` raises.
    """
    from basicchat import bootstrap

    settings = invocation.settings()

    def prepare() -> None:
        if finds:
            fetch_essentials(settings, invocation.output())

    return bootstrap.open_for_command(settings, prepare=prepare)
