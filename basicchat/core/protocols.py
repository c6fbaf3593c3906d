"""Every seam of the program on one screen.

Each has a shipped fake in `basicchat.testing` and one contract suite that the fake and every real adapter pass.
All of them are synchronous and may be called from several threads unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from basicchat.core.storage import Conversations, Documents, Folders, Store, UnitOfWork, Vector
from basicchat.core.tools import (
    DocumentSource,
    FileSpace,
    PictureReader,
    Sandbox,
    TableSource,
    Tool,
    WebPages,
    WebSearch,
)
from basicchat.core.types import (
    Box,
    Chunk,
    ChunkSize,
    Delta,
    Document,
    GenerationOptions,
    Job,
    JobItem,
    Json,
    LoadedDocument,
    Message,
    ModelInfo,
    PageImage,
    Progress,
    Scope,
    Span,
    Table,
    TableInfo,
    TokenCount,
    ToolSpec,
)

Count = Callable[[Sequence[str]], Sequence[int]]
"""Tokens of each text, in order, without the special ones that a model adds."""

Tell = Callable[[Progress], None]
"""Hears how far something is. What it raises stops the work."""


def silent(_: Progress) -> None:
    """Tell nobody."""


class Loader(Protocol):
    """Turns a file into documents of pages."""

    media_types: frozenset[str]

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Read ``path``, whose name as the user knows it is ``name``.

        Yields one document, or one per record for record files. ``tell`` hears how far a slow reading is and may
        raise to stop it. Raises `UnreadableDocument`, `PasswordRequired` where the file is locked and ``password``
        does not open it, or `DependencyMissing`.
        """


class PageRenderer(Protocol):
    """Draws a page of a kept original."""

    media_types: frozenset[str]

    def render(self, path: Path, page: int, *, start: int = 0, end: int = 0, width: int = 1000) -> PageImage:
        """Draw ``page`` (from 1) ``width`` pixels wide with boxes round ``[start, end)`` of the page's text.

        Offsets are those of the `Page.text` that the loader of the same format gave.
        Raises `NotFound` for a page that is not there.
        """

    def boxes(self, path: Path, page: int, spans: Sequence[Span]) -> list[tuple[Box, ...]]:
        """Where stretches of the page's text stand: one box a line for each of ``spans``, none where there is no place.

        Raises `NotFound` for a page that is not there.
        """


class Splitter(Protocol):
    """Cuts a page into passages. Pure, so that the default serves as its own fake."""

    def split(self, text: str, *, headings: Sequence[int] = (), size: ChunkSize, count: Count) -> list[Span]:
        """Where the passages of ``text`` lie, in order, each once, with no space at either end of one.

        Every character that is not a space is in at least one passage. None has more than ``size.limit`` tokens by
        ``count``, unless a single character has. The same input always gives the same spans. ``headings`` are the
        offsets at which headings start; a splitter may cut there rather than elsewhere.
        """


class Embedder(Protocol):
    """Turns texts into unit vectors. Its first use may load a model."""

    @property
    def name(self) -> str:
        """The model's name and digest in one word: two embedders with the same name give the same vectors."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count; the rest is ignored."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones that the model adds."""

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, in order. The same text gives the same vector whatever stands beside it, to 1e-2."""

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with; models that want a prefix for questions get it here."""


class VectorIndex(Protocol):
    """Nearest neighbours by cosine. A projection: `basicchat.core.protocols.Store` can rebuild it."""

    def add(self, collection: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Add or replace, keyed by chunk id."""

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents. No error if there is none."""

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id. No error for unknown ones."""

    def search(self, vector: Vector, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, cosine similarity), best first, ties to the smaller id."""

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held by chunk id, for the doctor."""

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted, for the doctor."""

    def clear(self, collection: str) -> None:
        """Forget the whole collection."""

    def reset(self) -> None:
        """Throw everything away, also what cannot be read."""

    def close(self) -> None:
        """Release files. Further use may raise `StoreError`."""


class LexicalIndex(Protocol):
    """Full-text search by BM25. A projection: the store can rebuild it."""

    def add(self, collection: str, chunks: Sequence[Chunk]) -> None:
        """Add or replace, keyed by chunk id."""

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents. No error if there is none."""

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id. No error for unknown ones."""

    def search(self, text: str, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, score), best first, ties to the smaller id. Any text is safe."""

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held by chunk id, for the doctor."""

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted, for the doctor."""

    def clear(self, collection: str) -> None:
        """Forget the whole collection."""

    def reset(self) -> None:
        """Throw everything away, also what cannot be read."""


class TableIndex(Protocol):
    """Tables of documents, ready for exact questions in SQL. A projection: the store can rebuild it."""

    def add(self, document: Document, tables: Sequence[Table]) -> None:
        """Add the tables of a document, replacing those it had."""

    def delete(self, document_id: str) -> None:
        """Forget the tables of a document. No error if there are none."""

    def documents(self) -> set[str]:
        """Ids of the documents that have tables here, for the doctor."""

    def describe(self, document_ids: Sequence[str] | None = None) -> list[TableInfo]:
        """The tables of these documents, or of all: what a query may name."""

    def query(self, sql: str, *, limit: int = 1000, document_ids: Sequence[str] | None = None) -> Table:
        """The result of one read-only SELECT, at most ``limit`` rows. Raises `InvalidInput` for anything else.

        Where ``document_ids`` are given, no other document's tables can be read, or be known to exist.
        """

    def clear(self) -> None:
        """Forget everything."""


class Reranker(Protocol):
    """Scores how well passages answer a question."""

    @property
    def name(self) -> str:
        """The model's name and digest in one word."""

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        """One score a passage, in order, higher is more relevant, as logits (0 is undecided).

        Given a ``deadline`` (`time.monotonic` seconds), it stops between batches and may return scores
        for a leading part only, but always for the first batch.
        """


class ChatModel(Protocol):
    """A language model that talks."""

    def info(self) -> ModelInfo:
        """Name, provider and window. May ask the server once; raises `ProviderError`."""

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Tokens of the prompt that `stream` would send, template and special tokens included."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Iterator[Delta]:
        """Generate. The last delta is ``done``; closing the iterator stops the generation. Raises `ProviderError`.

        ``schema`` is a JSON Schema that the whole reply will satisfy.
        """


class Cache(Protocol):
    """Keeps values for a while, in a bounded space: what was used least lately goes first.

    Whoever uses one must do as well without it. So nothing here raises for a cache that cannot be read or written:
    it is empty, and keeps nothing.
    """

    def get(self, key: str) -> bytes | None:
        """The value, or None."""

    def set(self, key: str, value: bytes, *, tags: Sequence[str] = (), seconds: float | None = None) -> None:
        """Keep it, at most ``seconds`` long, in place of what the key had before. One that is too large is not kept."""

    def tagged(self, tag: str) -> dict[str, bytes]:
        """Everything with this tag by its key, used least lately first. Looking is no use."""

    def forget(self, tag: str) -> int:
        """Drop everything with this tag, for good; how many that were."""

    def close(self) -> None:
        """Release files. A closed cache is empty."""


# ---------------------------------------------------------------- models and work in the background


class ModelServer(Protocol):
    """A server of local models: Ollama, or the embedded one that speaks the same API."""

    @property
    def provider(self) -> str:
        """``ollama`` or ``embedded``."""

    def version(self) -> str:
        """The server's version; a cheap way to see whether it answers. Raises `ProviderUnavailable`."""

    def models(self) -> list[ModelInfo]:
        """Models it can load now."""

    def loaded(self) -> list[str]:
        """Names of the models in memory."""

    def chat_model(self, name: str) -> ChatModel:
        """A model of this server. Does not ask the server yet."""

    def pull(self, name: str) -> Iterator[Progress]:
        """Fetch a model, telling how far it is."""

    def close(self) -> None:
        """Stop what was started for it."""


class Fetcher(Protocol):
    """The one way to the network. Refuses when the settings say offline; every byte is in the egress ledger."""

    def text(self, url: str, *, accept: str = "", limit: int = 10_000_000) -> str:
        """A small document. Raises `FetchFailed`."""

    def stream(self, url: str, *, offset: int = 0) -> AbstractContextManager[tuple[int | None, Iterator[bytes]]]:
        """Bytes from ``offset`` on, with the full size if known. Raises `FetchFailed`."""


class JobQueue(Protocol):
    """Runs registered kinds of work in the background. Payloads and results are JSON, so an engine may keep them.

    A durable queue finishes after a restart what a killed process left undone; see `JobContext.step`.
    """

    def register(self, kind: str, handler: Callable[[Json, JobContext], Json]) -> None:
        """Say what runs jobs of a kind."""

    def start(self) -> None:
        """Begin to run what waits, first of all what an earlier process left unfinished. Twice is once."""

    def submit(self, kind: str, payload: Json, *, title: str = "", key: str = "") -> Job:
        """Queue a job, starting the queue. A job of the same ``key`` that has not ended is returned instead."""

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises `NotFound`."""

    def find(self, *, kind: str | None = None) -> list[Job]:
        """Jobs, newest first."""

    def items(self, job_id: str) -> list[JobItem]:
        """What is known of the job's files, by ordinal. Raises `NotFound`."""

    def payload(self, job_id: str) -> Json:
        """What the job was submitted with. Raises `NotFound`."""

    def cancel(self, job_id: str) -> None:
        """Ask it to stop for good; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""

    def pause(self, job_id: str) -> None:
        """Ask it to stop for now; it does at its next step. A job that ended stays as it is. Raises `NotFound`."""

    def resume(self, job_id: str) -> None:
        """Go on with a paused, failed or cancelled job after the last finished step; others stay as they are."""

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended. Raises `NotFound`, and `Conflict` for one that has not ended."""

    def wait(self, job_id: str, timeout: float | None = None) -> Job:
        """Block until it ends or is paused. Raises `DeadlineExceeded`."""

    def close(self) -> None:
        """Stop what runs and wait for it. A durable queue goes on with it when it is started again."""


class JobContext(Protocol):
    """What a running job may say and ask."""

    @property
    def job_id(self) -> str:
        """The job that runs."""

    def progress(self, *, stage: str, done: int = 0, total: int = 0, unit: str = "", note: str = "") -> None:
        """Say how far it is. Raises `Cancelled` when somebody asked it to stop or to pause."""

    def step(self, name: str, run: Callable[[], Json]) -> Json:
        """Do one part of the job and keep its result: a job that goes on after a stop gets it without a second run.

        A step that was interrupted runs again, so it must be safe to do twice. Steps come in the same order each time.
        Raises `Cancelled` as `progress` does, before the part is begun.
        """

    def item(self, item: JobItem) -> None:
        """Say how one file of the job stands, by its ordinal. Raises `Cancelled` as `progress` does, after that."""


__all__ = [
    "Cache",
    "ChatModel",
    "Conversations",
    "Count",
    "DocumentSource",
    "Documents",
    "Embedder",
    "Fetcher",
    "FileSpace",
    "Folders",
    "JobContext",
    "JobQueue",
    "LexicalIndex",
    "Loader",
    "ModelServer",
    "PageRenderer",
    "PictureReader",
    "Reranker",
    "Sandbox",
    "Splitter",
    "Store",
    "TableIndex",
    "TableSource",
    "Tell",
    "Tool",
    "UnitOfWork",
    "Vector",
    "VectorIndex",
    "WebPages",
    "WebSearch",
    "silent",
]
