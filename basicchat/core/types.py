"""The nouns of the program: frozen values that every layer shares.

Text offsets are counted in Unicode code points and are half-open: ``text[start:end]``.
Pages count from 1. Scores are higher-is-better and comparable only within one ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from basicchat.core.documents import (
    Anchor,
    Box,
    Cell,
    Chunk,
    ChunkSize,
    ChunkVersion,
    Document,
    Entry,
    Heading,
    Json,
    LoadedDocument,
    Page,
    Removal,
    Span,
    Table,
    TableInfo,
    TextBox,
)
from basicchat.core.grounding import CheckedSentence, Conflict, SourceFacts, Statement, Verdict
from basicchat.core.shown import Exhibit
from basicchat.core.work import (
    DEFAULT_COLLECTION,
    Check,
    FileOutcome,
    FileState,
    FileStatus,
    Job,
    JobItem,
    JobState,
    Progress,
    SyncReport,
    WatchedFolder,
)

# ---------------------------------------------------------------- finding


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look. Empty ``document_ids`` means every document of the collection.

    ``chunk_ids``, where given, are the only chunks to look at, of whatever document, and none of them is passed over.
    """

    collection: str = DEFAULT_COLLECTION
    document_ids: tuple[str, ...] = ()
    chunk_ids: tuple[str, ...] | None = None


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


ToolOutcome = Literal["done", "failed", "asked"]
"""``done``: it ran. ``failed``: it could not, or would not. ``asked``: it did not run, a person is asked first."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool on the way to an answer.

    ``said`` is what it gave, why it failed, or why a person is asked. ``tainted``: words of a document or of another
    tool were read before it was wished for, so they may have led to it. ``shown`` are tables and charts that it gave.
    """

    name: str
    arguments: Mapping[str, Json]
    outcome: ToolOutcome
    said: str
    tainted: bool = False
    shown: tuple[Exhibit, ...] = ()

    @property
    def line(self) -> str:
        """The call and what came of it: ``calculator: 3 * 12 = 36``. Arguments that the result repeats stand once."""
        given = [(name, str(value)) for name, value in self.arguments.items() if value not in ("", None)]
        shown = ", ".join(f"{name}: {value}" for name, value in given if value not in self.said)
        return f"{self.name} ({shown}): {self.said}" if shown else f"{self.name}: {self.said}"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn for a model. ``tool_name`` names the tool whose result a ``tool`` message carries.

    ``passages`` are those that an answer before was written from, numbered from 1; no server is sent them.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str | None = None
    passages: tuple[Passage, ...] = ()


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
    """How to generate. ``window`` (tokens) is always sent; None for ``max_tokens`` lets the window decide.

    ``alternatives`` asks to be told so many of the likeliest tokens at each place, by servers that can.
    """

    window: int
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int | None = 0
    stop: tuple[str, ...] = ()
    alternatives: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost, as the server measured it. Durations in seconds; None where the server did not say.

    ``reused_tokens`` of ``prompt_tokens`` were read for an earlier call and did not have to be read again.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_seconds: float | None = None
    completion_seconds: float | None = None
    load_seconds: float | None = None
    reused_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed reply. The last one has ``done=True`` and carries ``usage`` and ``finish_reason``.

    ``alternatives`` are the tokens that the piece could have begun with, each with the natural logarithm of its
    probability, the likeliest first; none where nobody asked or the server does not tell.
    """

    text: str = ""
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    done: bool = False
    finish_reason: str | None = None
    usage: Usage | None = None
    alternatives: tuple[tuple[str, float], ...] = ()


# ---------------------------------------------------------------- answering

StepStatus = Literal["running", "done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step on a longer way to an answer: what it does, how it stands, and in ``detail`` what it came to.

    ``id`` is its own among the steps of an answer. ``tokens`` are those that models wrote for it.
    """

    id: str
    title: str
    status: StepStatus = "running"
    seconds: float = 0.0
    tokens: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The question that an answer was made for, and when, in seconds since the epoch."""

    question: str
    made_at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. ``timings`` maps a stage's name to seconds; ``model`` is None when none was used.

    ``passages`` are the passages that were in the prompt (or quoted from), also those nobody cited: when the
    answer abstained they are the nearest ones, to be shown as such. ``sentences`` are those that were checked, in
    order; none for an answer that was not. ``conflicts`` are places where its sources disagree, ``sources`` facts
    about the documents that it cites, in the order of their first citation. ``earlier`` says that this is an earlier
    answer, given again; None for one that was made now. ``steps`` are those of a way that takes several, in order.
    ``likelihood`` is the probability, from 0 to 1, that the passages answer the question, as it was judged before
    anything was written; None where nothing tells. ``calls`` are those of tools, in order, also those that wait for a
    person's consent. ``trace`` says how it was made, packed by `basicchat.core.trace`; empty where nobody recorded it.
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
    earlier: Earlier | None = None
    likelihood: float | None = None
    sentences: tuple[CheckedSentence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    steps: tuple[Step, ...] = ()
    calls: tuple[ToolUse, ...] = ()
    trace: str = ""


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


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a picture (PNG), with the boxes of the highlighted passage."""

    png: bytes
    width: int
    height: int
    boxes: Sequence[Box] = ()


__all__ = [
    "DEFAULT_COLLECTION",
    "Anchor",
    "Answer",
    "Box",
    "Cell",
    "Check",
    "CheckedSentence",
    "Chunk",
    "ChunkSize",
    "ChunkVersion",
    "Citation",
    "Conflict",
    "Conversation",
    "Delta",
    "Document",
    "Earlier",
    "Entry",
    "FileOutcome",
    "FileState",
    "FileStatus",
    "GenerationOptions",
    "Heading",
    "Hit",
    "Job",
    "JobItem",
    "JobState",
    "Json",
    "LoadedDocument",
    "Message",
    "ModelInfo",
    "Page",
    "PageImage",
    "Passage",
    "Progress",
    "Query",
    "Removal",
    "Role",
    "Scope",
    "SourceFacts",
    "Span",
    "Statement",
    "Step",
    "StepStatus",
    "SyncReport",
    "Table",
    "TableInfo",
    "TextBox",
    "TokenCount",
    "ToolCall",
    "ToolOutcome",
    "ToolSpec",
    "ToolUse",
    "Turn",
    "Usage",
    "Verdict",
    "WatchedFolder",
]
