"""Records how an answer is made, by watching the seams: searches, calls of models, events. It changes none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Event, Finished, Stepped, ToolCalled, ToolReturned, Verified
from basicchat.core.protocols import ChatModel
from basicchat.core.trace import (
    FoundPassage,
    Judged,
    ModelCalled,
    PromptPart,
    SearchMade,
    Span,
    SpanKind,
    Supported,
    ToolRan,
    Trace,
    packed,
)
from basicchat.core.types import (
    Answer,
    Delta,
    GenerationOptions,
    Hit,
    Json,
    Message,
    ModelInfo,
    TokenCount,
    ToolSpec,
    Usage,
)

KEPT = 200_000
"""Characters of texts that a trace keeps, in the order in which they came up; what is beyond is counted."""
EXCERPT = 300
"""Characters of a hit."""
ENTRIES = 200
"""Searches, calls, tools or spans that are recorded of each: the first ones."""
COUNT_SECONDS = 0.25
"""For counting the parts of prompts, when the answer is whole; prompts that it does not suffice for stay uncounted."""

T = TypeVar("T")

Split = Callable[[Sequence[Message]], Sequence[PromptPart]]
"""Divides a prompt into named parts. Joined by message, they are the prompt."""


def by_message(messages: Sequence[Message]) -> tuple[PromptPart, ...]:
    """A prompt by its messages, each called by its role."""
    return tuple(PromptPart(each.role, each.role, place, each.content) for place, each in enumerate(messages))


@dataclass
class _Call:
    """A call of a model while it lasts; ``start`` and ``ended`` by the recorder's clock."""

    model: ChatModel
    messages: tuple[Message, ...]
    options: GenerationOptions
    constrained: bool
    step: str
    start: float
    first: float | None = None
    ended: float | None = None
    reply: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    error: str = ""


class Recorder:
    """Records one answer. Safe to use from the threads that make it."""

    def __init__(
        self, question: str = "", *, split: Split = by_message, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._question = question
        self._split = split
        self._clock = clock
        self._began = clock()
        self._searches: list[SearchMade] = []
        self._calls: list[_Call] = []
        self._tools: list[ToolRan] = []
        self._called: dict[str, tuple[ToolCalled, float]] = {}
        self._spans: list[Span] = []
        self._steps: dict[str, Span] = {}
        self._step = ""
        self._gates: list[Judged] = []
        self._support: Supported | None = None
        self._counts: dict[tuple[tuple[str, str], ...], TokenCount] = {}
        self._room = KEPT
        self._left_out = 0

    # ---------------------------------------------------------------- what is told

    def watched(self, model: ChatModel) -> ChatModel:
        """The same model; what it is asked and what it replies is recorded."""
        return RecordedModel(model, self)

    def searched(self, text: str, hits: Sequence[Hit], stages: Mapping[str, float], began: float) -> None:
        """A search ended; ``began`` by `time.perf_counter`."""
        found = tuple(_found(hit) for hit in hits)
        made = SearchMade(text, began - self._began, self._clock() - began, dict(stages), found)
        _add(self._searches, made)

    def judged(self, verdict: Judged) -> None:
        """The gate looked at evidence. The same verdict again is the same look."""
        if verdict not in self._gates:
            _add(self._gates, verdict)

    @contextmanager
    def span(self, kind: SpanKind) -> Iterator[None]:
        """Record how long the block takes."""
        start = self._clock()
        try:
            yield
        finally:
            number = 1 + sum(each.kind == kind for each in self._spans)
            _add(self._spans, Span(kind, start - self._began, self._clock() - start, number))

    def seen(self, event: Event) -> Event:
        """The event; the answer of a `Finished` carries the trace."""
        now = self._clock()
        match event:
            case Stepped(step=step):
                began = self._steps.get(step.id) or Span("step", now - self._began, 0.0, len(self._steps) + 1)
                self._steps[step.id] = replace(began, seconds=step.seconds, name=f"{step.title} ({step.status})")
                self._step = step.title if step.status == "running" else ""
            case ToolCalled():
                self._called[event.call_id] = (event, now)
            case ToolReturned():
                call, start = self._called.pop(event.call_id, (None, now - event.seconds))
                arguments = dict(call.arguments) if call else {}
                ran = ToolRan(event.name, arguments, event.result, start - self._began, event.seconds, event.error)
                _add(self._tools, ran)
            case Verified():
                self._support = Supported(event.supported, event.total, event.unsupported)
            case Finished(answer=answer):
                return Finished(replace(answer, trace=packed(self.trace(answer))))
        return event

    def called(self, model: ChatModel, messages: Sequence[Message], options: GenerationOptions, schema: bool) -> _Call:
        """A model is asked now."""
        call = _Call(model, tuple(messages), options, schema, self._step, self._clock())
        _add(self._calls, call)
        return call

    def counted(self, messages: Sequence[Message], tokens: TokenCount) -> None:
        """A prompt was counted, so it need not be again; single messages are passages on trial, and many."""
        if len(messages) > 1:
            self._counts[_key(messages)] = tokens

    def said(self, call: _Call, delta: Delta) -> None:
        """A model said something."""
        if call.first is None and (delta.text or delta.thinking):
            call.first = self._clock()
        call.reply.append(delta.text)
        call.thinking.append(delta.thinking)
        if delta.done:
            call.usage, call.finish_reason = delta.usage or call.usage, delta.finish_reason
            self.ended(call)

    def ended(self, call: _Call, error: str = "") -> None:
        """A call is over, if it was not before."""
        if call.ended is None:
            call.ended, call.error = self._clock(), error

    # ---------------------------------------------------------------- what it comes to

    def trace(self, answer: Answer) -> Trace:
        """All that was recorded for this answer, as far as there is room."""
        seconds = self._clock() - self._began
        counting_ends = self._clock() + COUNT_SECONDS
        return Trace(
            question=self._cut(self._question),
            mode=answer.mode,
            model=answer.model,
            abstained=answer.abstained,
            seconds=seconds,
            searches=tuple(self._search(each) for each in self._searches),
            calls=tuple(self._called_model(each, counting_ends) for each in self._calls),
            tools=tuple(self._tool(each) for each in self._tools),
            spans=(*tuple(self._steps.values())[:ENTRIES], *self._spans),
            gates=tuple(self._gates),
            support=self._support,
            left_out=self._left_out,
        )

    def _search(self, made: SearchMade) -> SearchMade:
        hits = tuple(replace(hit, text=self._cut(hit.text)) for hit in made.hits)
        return replace(made, query=self._cut(made.query), hits=hits)

    def _tool(self, ran: ToolRan) -> ToolRan:
        whole = sum(len(str(value)) for value in ran.arguments.values())
        kept = ran.arguments if whole <= self._room else {}
        self._left_out += 0 if kept else whole
        self._room -= whole if kept else 0
        return replace(ran, arguments=kept, result=self._cut(ran.result))

    def _called_model(self, call: _Call, counting_ends: float) -> ModelCalled:
        parts = tuple(self._split(call.messages))
        tokens, exact = self._counted(call.model, parts) if self._clock() < counting_ends else ({}, False)
        name, provider = _named(call.model)
        return ModelCalled(
            model=name,
            provider=provider,
            start=call.start - self._began,
            seconds=(call.ended or self._clock()) - call.start,
            first=None if call.first is None else call.first - call.start,
            parts=tuple(replace(part, text=self._cut(part.text)) for part in parts),
            tokens=tokens,
            exact=exact,
            reply=self._cut("".join(call.reply)),
            thinking=self._cut("".join(call.thinking)),
            usage=call.usage,
            finish_reason=call.finish_reason,
            temperature=call.options.temperature,
            max_tokens=call.options.max_tokens,
            constrained=call.constrained,
            step=call.step,
            error=call.error,
        )

    def _counted(self, model: ChatModel, parts: Sequence[PromptPart]) -> tuple[dict[str, int], bool]:
        """Tokens by name of part: each is what the prompt grows by with it, so that they add up to the prompt."""
        tokens: dict[str, int] = {}
        before, exact = 0, True
        for place, part in enumerate(parts):
            if place + 1 < len(parts) and parts[place + 1].name == part.name:
                continue
            messages = _messages(parts[: place + 1])
            try:
                counted = self._counts.get(_key(messages)) or model.count_tokens(messages)
            except BasicChatError:  # a server that went away after its last word: the prompt stays uncounted
                return {}, False
            tokens[part.name] = tokens.get(part.name, 0) + counted.tokens - before
            before, exact = counted.tokens, exact and counted.exact
        return tokens, exact

    def _cut(self, text: str) -> str:
        kept = text[: self._room]
        self._room -= len(kept)
        self._left_out += len(text) - len(kept)
        return kept


class RecordedModel:
    """A chat model whose calls are recorded; everything is done by ``model``."""

    def __init__(self, model: ChatModel, recorder: Recorder) -> None:
        self.model = model
        self._recorder = recorder

    def info(self) -> ModelInfo:
        """Of the model."""
        return self.model.info()

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """As the model counts them."""
        counted = self.model.count_tokens(messages)
        self._recorder.counted(messages, counted)
        return counted

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> RecordedStream:
        """The model's reply. Raises what the model raises."""
        call = self._recorder.called(self.model, messages, options, schema is not None)
        stream = self.model.stream(messages, options=options, tools=tools, schema=schema)
        return RecordedStream(stream, call, self._recorder)


class RecordedStream:
    """The deltas of ``source``, which stays within reach of those who know more of it."""

    def __init__(self, source: Iterator[Delta], call: _Call, recorder: Recorder) -> None:
        self.source = source
        self._call = call
        self._recorder = recorder

    def __iter__(self) -> Iterator[Delta]:
        return self

    def __next__(self) -> Delta:
        try:
            delta = next(self.source)
        except StopIteration:
            self._recorder.ended(self._call)
            raise
        except BasicChatError as error:
            self._recorder.ended(self._call, str(error))
            raise
        self._recorder.said(self._call, delta)
        return delta

    def close(self) -> None:
        """Stop the generation."""
        self._recorder.ended(self._call)
        if close := getattr(self.source, "close", None):
            close()


def _add(entries: list[T], entry: T) -> None:
    if len(entries) < ENTRIES:
        entries.append(entry)


def _found(hit: Hit) -> FoundPassage:
    document, chunk = hit.document, hit.chunk
    title = document.title or document.source
    excerpt = chunk.text[:EXCERPT]
    return FoundPassage(chunk.id, document.id, title, chunk.page, chunk.place, excerpt, hit.score, dict(hit.scores))


def _messages(parts: Sequence[PromptPart]) -> list[Message]:
    """The messages that parts make up."""
    roles = {part.message: part.role for part in parts}
    texts = {place: "".join(part.text for part in parts if part.message == place) for place in roles}
    return [Message(role, texts[place]) for place, role in roles.items()]  # type: ignore[arg-type]


def _key(messages: Sequence[Message]) -> tuple[tuple[str, str], ...]:
    return tuple((message.role, message.content) for message in messages)


def _named(model: ChatModel) -> tuple[str, str]:
    try:
        info = model.info()
    except BasicChatError:  # a server that is gone by now has no name to give
        return "", ""
    return info.name, info.provider
