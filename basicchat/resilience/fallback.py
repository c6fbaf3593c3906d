"""The next one answers when the first cannot."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from basicchat.core.errors import (
    BadReply,
    BasicChatError,
    CircuitOpen,
    DependencyMissing,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Json, Message, ModelInfo, TokenCount, ToolSpec

T = TypeVar("T")

STEP_ASIDE = (ProviderUnavailable, ProviderTimeout, RateLimited, BadReply, CircuitOpen, DependencyMissing)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chat model and the name it goes by in reports."""

    name: str
    model: ChatModel


@dataclass(frozen=True, slots=True)
class Skipped:
    """A candidate that could not answer, and why."""

    name: str
    code: str
    reason: str


class FallbackStream:
    """The deltas of whichever candidate answered. ``answered`` is its name once the first delta is out.

    ``skipped`` says why earlier ones did not.
    """

    def __init__(self, attempts: Sequence[tuple[str, Iterator[Delta]]]) -> None:
        self.answered: str | None = None
        self.skipped: tuple[Skipped, ...] = ()
        self._deltas = self._run(attempts)

    def __iter__(self) -> Iterator[Delta]:
        return self

    def __next__(self) -> Delta:
        return next(self._deltas)

    def close(self) -> None:
        """Stop the generation."""
        self._deltas.close()

    def _run(self, attempts: Sequence[tuple[str, Iterator[Delta]]]) -> Generator[Delta]:
        last: BasicChatError | None = None
        for name, deltas in attempts:
            try:
                first = next(deltas)
            except STEP_ASIDE as error:
                self.skipped += (Skipped(name, error.code, str(error)),)
                last = error
                continue
            self.answered = name
            yield first
            yield from deltas
            return
        raise last or ProviderUnavailable("There is no chat model.", provider="none")


class FallbackChatModel:
    """Several chat models as one: the first that can answer does.

    A candidate that fails after its first delta is not replaced: the reader has seen a part of its reply.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.candidates = tuple(candidates)

    def info(self) -> ModelInfo:
        """Of the first candidate that can tell."""
        return self._first(lambda model: model.info())

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """As the first candidate that can tell counts them."""
        return self._first(lambda model: model.count_tokens(messages))

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> FallbackStream:
        """Generate with the first candidate that can. Raises the last one's error if none can."""
        return FallbackStream(
            [
                (candidate.name, candidate.model.stream(messages, options=options, tools=tools, schema=schema))
                for candidate in self.candidates
            ]
        )

    def _first(self, ask: Callable[[ChatModel], T]) -> T:
        last: BasicChatError | None = None
        for candidate in self.candidates:
            try:
                return ask(candidate.model)
            except STEP_ASIDE as error:
                last = error
        raise last or ProviderUnavailable("There is no chat model.", provider="none")
