"""A chat model with patience and limits: retry, circuit breaker and deadline round any `ChatModel`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TypeVar

from basicchat.core.errors import BadReply, BasicChatError, DeadlineExceeded, ProviderTimeout
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Json, Message, ModelInfo, TokenCount, ToolSpec
from basicchat.resilience.breaker import CircuitBreaker, is_outage
from basicchat.resilience.deadline import Deadline, StreamGuard
from basicchat.resilience.retry import RetryPolicy, is_retryable

T = TypeVar("T")


class ResilientChatModel:
    """Another chat model, but it is tried again, left alone after repeated failure, and never waited for too long.

    A reply is retried only before its first delta was handed out. ``breaker`` may be shared by the models of one
    provider. ``deadline_seconds`` is for one whole reply, retries included; None sets no limit.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        breaker: CircuitBreaker | None = None,
        retry: RetryPolicy | None = None,
        deadline_seconds: float | None = None,
        guard: StreamGuard | None = None,
    ) -> None:
        self.model = model
        self.breaker = breaker or CircuitBreaker(type(model).__name__)
        self._retry = retry or RetryPolicy()
        self._deadline_seconds = deadline_seconds
        self._guard = guard or StreamGuard()

    def info(self) -> ModelInfo:
        """Name, provider and window."""
        return self._call(self.model.info)

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Tokens of the prompt."""
        return self._call(lambda: self.model.count_tokens(messages))

    def _call(self, ask: Callable[[], T]) -> T:
        def once() -> T:
            with self.breaker.guard():
                return ask()

        return self._retry.run(once, deadline=Deadline.after(self._deadline_seconds), again=self._again)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Generator[Delta]:
        """Generate. Raises `CircuitOpen`, `DeadlineExceeded`, or the provider's error once retries are used up."""
        deadline = Deadline.after(self._deadline_seconds)

        def begin() -> tuple[Delta, Generator[Delta]]:
            self.breaker.admit()
            source = self.model.stream(messages, options=options, tools=tools, schema=schema)
            deltas = self._watched(source, deadline)
            return next(deltas), deltas

        first, rest = self._retry.run(begin, deadline=deadline, again=self._again)
        with closing(rest):
            yield first
            yield from rest

    def _watched(self, source: Iterator[Delta], deadline: Deadline) -> Generator[Delta]:
        """The deltas, while the breaker learns how it went."""
        begun = ended = False
        try:
            with closing(self._guard.watch(source, deadline)) as deltas:
                for delta in deltas:
                    begun = True
                    ended = ended or delta.done
                    yield delta
            if not ended:
                info = type(self.model).__name__
                raise BadReply(f"{info} ended the reply before it was done.", provider=info)
        except DeadlineExceeded as error:
            # Silence to the end of the time allowed speaks against the provider; a long reply does not.
            self._silent(error) if not begun else self.breaker.succeeded()
            raise
        except BasicChatError as error:
            self.breaker.failed(error) if is_outage(error) else self.breaker.succeeded()
            raise
        except BaseException:
            self.breaker.succeeded() if begun else self.breaker.abandoned()
            raise
        self.breaker.succeeded()

    def _again(self, error: BaseException) -> bool:
        """The error that opened the circuit is told as it is, not replaced by `CircuitOpen` of a further try."""
        return is_retryable(error) and self.breaker.status().state != "open"

    def _silent(self, error: DeadlineExceeded) -> None:
        self.breaker.failed(ProviderTimeout(str(error), provider=self.breaker.name))
