"""What the steps of an inquiry work with: the library, the model, the budget that is left, and the web."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from basicchat.core.events import Event
from basicchat.core.protocols import ChatModel
from basicchat.core.research import Inquiry, Note
from basicchat.core.types import (
    Chunk,
    Delta,
    Document,
    GenerationOptions,
    Json,
    Message,
    ModelInfo,
    Page,
    Scope,
    TokenCount,
    ToolSpec,
)
from basicchat.reason.budget import Budget
from basicchat.reason.generate import stopping
from basicchat.reason.steps import LEAST_TOKENS, Steps
from basicchat.reason.task import AnswerConfig, AnswerRequest, Task
from basicchat.retrieve.pipeline import Retriever

T = TypeVar("T")

Tell = Callable[[], None]
"""Called often while a step goes on; what it raises stops the step."""


class Shelf(Protocol):
    """The documents, to be read whole."""

    def documents(self, collection: str) -> Sequence[Document]:
        """The documents of a collection."""

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """The passages of a document in order; none for one that is gone."""

    def page(self, document_id: str, number: int) -> Page | None:
        """A page, from 1; None for one that is gone."""


@dataclass(frozen=True, slots=True)
class WebText:
    """A page of the web, or what a search engine says of it."""

    address: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class WebFound:
    """What a search of the web came to. ``problem`` says why it came to nothing, or not to all."""

    texts: tuple[WebText, ...] = ()
    problem: str = ""


Web = Callable[[str], WebFound]
"""Searches the web for a question. Whether it may is for the toolbox to say."""


@dataclass(frozen=True)
class Tools:
    """What never changes while an inquiry goes on. ``models`` gives the model of a name, None where there is none."""

    retriever: Retriever
    shelf: Shelf
    models: Callable[[str | None], ChatModel | None]
    config: AnswerConfig
    web: Web | None = None


class Spent:
    """What the finished steps took: the same after a restart, because it is read from what was kept."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self.steps = 0
        self.seconds = 0.0
        self.written = 0

    def add(self, note: Note) -> None:
        """Count a finished step."""
        self.steps += 1
        self.seconds += note.seconds
        self.written += note.written

    @property
    def left(self) -> Budget:
        """What may still be spent."""
        return Budget(
            steps=max(0, self._inquiry.max_steps - self.steps),
            tokens=max(0, self._inquiry.max_tokens - self.written),
            seconds=max(0.0, self._inquiry.max_seconds - self.seconds),
        )

    @property
    def over(self) -> bool:
        """Whether no model may be asked any more."""
        left = self.left
        return left.tokens < LEAST_TOKENS or left.seconds <= 0


@dataclass(frozen=True)
class Place:
    """Where one step works: a task of its own with what is left of the budget, and its count of tokens."""

    task: Task
    steps: Steps
    tell: Tell

    def finished(self, work: Generator[Event, None, T]) -> T:
        """The result of work whose events nobody watches."""
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            self.tell()


def place(tools: Tools, inquiry: Inquiry, question: str, *, left: Budget, tell: Tell, document_id: str = "") -> Place:
    """A place to look into ``question``, in all of the collection or in one document."""
    scope = Scope(inquiry.collection, (document_id,) if document_id else ())
    config = replace(tools.config, deadline_seconds=max(left.seconds, 60.0), budget=replace(left, steps=1000))

    def model(name: str | None) -> ChatModel | None:
        found = tools.models(name)
        return None if found is None else Listening(found, tell)

    request = AnswerRequest(question, mode="research", scope=scope, model=inquiry.model or None, fresh=True)
    task = Task(request, config, tools.retriever, model)
    return Place(task, Steps(task), tell)


class Listening:
    """A chat model during whose replies ``tell`` is called, so that they can be stopped at any word."""

    def __init__(self, model: ChatModel, tell: Tell) -> None:
        self._model = model
        self._tell = tell

    def info(self) -> ModelInfo:
        """That of the model."""
        return self._model.info()

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """That of the model."""
        return self._model.count_tokens(messages)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Iterator[Delta]:
        """The deltas of the model; what ``tell`` raises stops it."""
        self._tell()
        with stopping(self._model.stream(messages, options=options, tools=tools, schema=schema)) as stream:
            for delta in stream:
                self._tell()
                yield delta
