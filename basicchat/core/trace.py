"""How one answer was made: what was searched, sent, called and judged, with real times.

Texts in it are data of documents and models. A trace is kept with its answer as one packed text, so that lists of
answers are read as fast as without it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from basicchat.core.codec import from_json, to_json
from basicchat.core.types import Json, Usage

PART_NAMES = ("system", "example", "history", "documents", "question")
"""What a prompt is made of, in the order in which it is sent."""

UNPACKED_BYTES = 8_000_000
"""More than any trace has: a packed text that unfolds to more is damaged."""


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A hit of a search: where it stands, how its text begins, its final score and the score of every ranking."""

    chunk_id: str
    document_id: str
    title: str
    page: int
    place: str
    text: str
    score: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class SearchMade:
    """One search. ``start`` is in seconds since the question came, ``stages`` are seconds by step, hits best first."""

    query: str
    start: float
    seconds: float
    stages: Mapping[str, float]
    hits: tuple[FoundPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A stretch of a prompt as it was sent. Neighbours with one ``message`` are one message, in this order."""

    name: str
    role: str
    message: int
    text: str


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """One call of a model. ``first`` is the seconds to its first word, None where it said none.

    ``tokens`` are those of the prompt by name of part, ``exact`` where the server counted them; empty where nobody did.
    ``usage`` is what the server measured. ``step`` is the title of the step that it was made for.
    """

    model: str
    provider: str
    start: float
    seconds: float
    first: float | None
    parts: tuple[PromptPart, ...]
    tokens: Mapping[str, int]
    exact: bool
    reply: str
    thinking: str = ""
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    temperature: float = 0.0
    max_tokens: int | None = None
    constrained: bool = False
    step: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ToolRan:
    """One run of a tool."""

    name: str
    arguments: Mapping[str, Json]
    result: str
    start: float
    seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate found: the probability that the hits answer, the least that was asked for, and the evidence.

    ``probability`` is None where no comparable measure told.
    """

    opened: bool
    probability: float | None
    least: float
    strictness: str
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Supported:
    """What the check of the sentences found."""

    supported: int
    total: int
    unsupported: tuple[str, ...] = ()


SpanKind = Literal["search", "stage", "prompt", "model", "reading", "tool", "check", "step"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time. ``start`` is in seconds since the question came; ``number`` counts from 1 within a kind."""

    kind: SpanKind
    start: float
    seconds: float
    number: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """The making of one answer. ``seconds`` is all of it; ``left_out`` counts characters that were too many to keep."""

    question: str
    mode: str
    model: str | None
    abstained: bool
    seconds: float
    searches: tuple[SearchMade, ...] = ()
    calls: tuple[ModelCalled, ...] = ()
    tools: tuple[ToolRan, ...] = ()
    spans: tuple[Span, ...] = ()
    gates: tuple[Judged, ...] = ()
    support: Supported | None = None
    left_out: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class TracedAnswer:
    """A kept answer that has a trace. ``made_at`` is in seconds since the epoch."""

    id: str
    conversation_id: str
    question: str
    made_at: float
    mode: str
    model: str | None
    abstained: bool


def packed(trace: Trace) -> str:
    """The trace as a short text that `unpacked` reads."""
    plain = json.dumps(to_json(trace), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(plain.encode("utf-8", "surrogatepass"), 6)).decode("ascii")


def unpacked(text: str) -> Trace:
    """The trace again. Raises `ValueError` or `TypeError` for anything else."""
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(base64.b64decode(text, validate=True), UNPACKED_BYTES)
    except zlib.error as error:
        raise ValueError("this is no packed trace") from error
    return from_json(Trace, json.loads(plain.decode("utf-8", "surrogatepass")))


def timeline(trace: Trace) -> list[Span]:
    """Every span of a trace in the order in which they began; what is part of another comes after it."""
    return sorted(_spans(trace), key=lambda span: (span.start, -span.seconds))


def _spans(trace: Trace) -> Iterator[Span]:
    yield from trace.spans
    for number, made in enumerate(trace.searches, start=1):
        yield Span("search", made.start, made.seconds, number)
        yield from _stages(made, number)
    for number, call in enumerate(trace.calls, start=1):
        yield Span("model", call.start, call.seconds, number)
        if call.first is not None:
            yield Span("reading", call.start, call.first, number)
    for number, tool in enumerate(trace.tools, start=1):
        yield Span("tool", tool.start, tool.seconds, number)


def _stages(made: SearchMade, number: int) -> Iterator[Span]:
    """The steps of a search: both rankings begin together once the scope is known, the others follow each other."""
    stages = made.stages
    both, loaded = made.start + stages.get("filter", 0.0), made.start + stages.get("search", 0.0)
    starts = {"dense": both, "lexical": both, "load": loaded, "rerank": loaded + stages.get("load", 0.0)}
    for name, start in starts.items():
        if name in stages:
            yield Span("stage", start, stages[name], number, name)
