"""The nouns of the program: frozen values that every layer shares.

Text offsets are counted in Unicode code points and are half-open: ``text[start:end]``.
Pages count from 1. Scores are higher-is-better and comparable only within one ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""Anything that `json` can write."""

DEFAULT_COLLECTION = "default"

Span = tuple[int, int]
"""A slice of a text, ``[start, end)``."""


# ---------------------------------------------------------------- documents


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside one page: its level (1 is the highest), text and offset in the page text."""

    level: int
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as fractions of its width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """From offset ``start`` of the page text on, the text comes from the place ``name``: ``B2:F9``, ``1:30``."""

    start: int
    name: str


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where ``[start, end)`` of the page text stands on the picture of the page."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document: a sheet, a slide, a message, a part of a long text. Short texts are one page, number 1.

    ``label`` is what people call it (``Slide 4``, ``Sheet Costs``), empty for what is simply a page. ``anchors``, in
    order, say where on the page a stretch of text comes from. ``boxes``, in order, are there for text that was
    recognised in a picture; other formats find their boxes when they draw the page.
    """

    number: int
    text: str
    headings: tuple[Heading, ...] = ()
    label: str = ""
    anchors: tuple[Anchor, ...] = ()
    boxes: tuple[TextBox, ...] = ()


Cell = None | bool | int | float | str
"""A value of a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in a file: column names, and rows of as many cells each.

    ``page`` is the page it stands on, ``place`` where on it (``A1:F40``, ``table 2``).
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    page: int = 1
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table that can be asked in SQL: ``sql_name`` is how a query names it, ``columns`` are (name, SQL type)."""

    sql_name: str
    document_id: str
    title: str
    page: int
    place: str
    columns: tuple[tuple[str, str], ...]
    row_count: int


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """How long passages are, in tokens: what to aim at, what neighbours share, what is never exceeded."""

    target: int
    overlap: int
    limit: int

    def __post_init__(self) -> None:
        if not 0 < self.target <= self.limit or self.overlap < 0:
            raise ValueError(f"{self} does not make sense")


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """What a loader read: pages of text, before anything has an identity.

    ``external_id`` is the identity the author gave (``_id`` of a JSONL record).
    ``warnings`` are sentences for the reader, such as pages that hold no text.
    """

    title: str
    pages: tuple[Page, ...]
    media_type: str
    external_id: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the library. ``id`` comes from the collection and the content, see `basicchat.ingest.identity`.

    ``source`` is the path or name it was ingested from, ``digest`` the sha256 of the file's bytes
    (of the record's canonical JSON for a record of a JSONL file), ``stored_as`` the relative path of the
    kept original under the home's ``files`` folder, None where there is no original to open.
    """

    id: str
    collection: str
    source: str
    title: str
    media_type: str
    digest: str
    page_count: int
    chunk_count: int
    added_at: float
    external_id: str | None = None
    stored_as: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    indexed: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the library: a document under one of its sources. The same bytes at two paths are two entries."""

    document: Document
    source: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that has left the library and may not yet have left the projections and the kept originals."""

    document_id: str
    collection: str
    stored_as: str | None
    removed_at: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``text == page.text[start:end]`` of the page it names, unless somebody ``edited`` it.

    ``heading`` is the path of headings above it, outermost first. ``ordinal`` counts the chunks of the document from 0.
    ``place`` says where it stands where a page number would not (``Slide 4``, ``Sheet Costs, A2:F9``), else empty.
    """

    id: str
    document_id: str
    ordinal: int
    page: int
    start: int
    end: int
    text: str
    heading: tuple[str, ...] = ()
    place: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class ChunkVersion:
    """A text that a chunk has or had. Version 0 is what was read from the file."""

    version: int
    text: str
    edited_at: float


# ---------------------------------------------------------------- finding


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look. Empty ``document_ids`` means every document of the collection."""

    collection: str = DEFAULT_COLLECTION
    document_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question put to the library."""

    text: str
    scope: Scope = Scope()
    top_k: int = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with its document and the score of every ranking that held it.

    ``scores`` maps a ranking's name (``dense``, ``lexical``, ``fused``, ``rerank``) to this chunk's score in it.
    """

    chunk: Chunk
    document: Document
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """What is put into the prompt: one or several neighbouring chunks of one page, numbered from 1.

    ``text`` may be shorter than ``chunks`` joined when a budget cut it; ``start`` and ``end`` are offsets in the page.
    """

    number: int
    document: Document
    page: int
    start: int
    end: int
    text: str
    chunk_ids: tuple[str, ...]
    score: float
    heading: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in an answer and the passage it stands for. The passage was in the prompt.

    ``place`` is that of the passage: what to call it where "page 3" would not do, else empty.
    """

    number: int
    document_id: str
    source: str
    title: str
    page: int
    start: int
    end: int
    quote: str
    place: str = ""


# ---------------------------------------------------------------- talking to models

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to run a tool."""

    name: str
    arguments: Mapping[str, Json]
    id: str = ""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it; ``parameters`` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn for a model. ``tool_name`` names the tool whose result a ``tool`` message carries."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as its provider describes it. ``context_window`` is in tokens, prompt and reply together."""

    name: str
    provider: str
    context_window: int
    digest: str | None = None
    size_bytes: int | None = None
    capabilities: frozenset[str] = frozenset({"completion"})


@dataclass(frozen=True, slots=True)
class TokenCount:
    """How many tokens a prompt takes. ``exact`` is False for an estimate, where the provider gives no tokenizer."""

    tokens: int
    exact: bool


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """How to generate. ``window`` (tokens) is always sent; None for ``max_tokens`` lets the window decide."""

    window: int
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int | None = 0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost, as the server measured it. Durations in seconds; None where the server did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_seconds: float | None = None
    completion_seconds: float | None = None
    load_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed reply. The last one has ``done=True`` and carries ``usage`` and ``finish_reason``."""

    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    done: bool = False
    finish_reason: str | None = None
    usage: Usage | None = None


# ---------------------------------------------------------------- answering


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. ``timings`` maps a stage's name to seconds; ``model`` is None when none was used.

    ``passages`` are the passages that were in the prompt (or quoted from), also those nobody cited: when the
    answer abstained they are the nearest ones, to be shown as such.
    """

    text: str
    abstained: bool
    mode: str
    model: str | None
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a kept conversation. ``answer`` is there for turns of the assistant that ended."""

    id: str
    role: Literal["user", "assistant"]
    content: str
    created_at: float
    answer: Answer | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation, without its turns. Times are seconds since the epoch."""

    id: str
    title: str
    created_at: float
    updated_at: float
    collection: str = DEFAULT_COLLECTION


# ---------------------------------------------------------------- getting files in


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


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a picture (PNG), with the boxes of the highlighted passage."""

    png: bytes
    width: int
    height: int
    boxes: Sequence[Box] = ()
