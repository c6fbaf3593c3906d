"""Which model answers: the servers in their order, the models they hold, and what stands between them and a caller."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from basicchat.core.errors import BasicChatError, CircuitOpen, NotFound, ProviderError
from basicchat.core.protocols import ChatModel, ModelServer
from basicchat.core.types import ModelInfo
from basicchat.resilience.breaker import CircuitBreaker
from basicchat.resilience.chat import ResilientChatModel
from basicchat.resilience.fallback import Candidate, FallbackChatModel
from basicchat.resilience.retry import RetryPolicy
from basicchat.service.status import ServerStatus

LOOK_AGAIN_SECONDS = 5.0
"""For this long a server that answered, or did not, is believed to be the same still."""


@dataclass(frozen=True)
class Provider:
    """One model server and how it is used.

    ``choose`` picks the model to answer with from those the server has when nobody named one. A server that runs
    ``on_demand`` is not started only to tell its version.
    """

    server: ModelServer
    choose: Callable[[Sequence[ModelInfo]], str | None]
    breaker: CircuitBreaker
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    deadline_seconds: float | None = None
    on_demand: bool = False

    def model(self, name: str) -> Candidate:
        """A model of the server with retry, breaker and deadline round it."""
        hardened = ResilientChatModel(
            self.server.chat_model(name), breaker=self.breaker, retry=self.retry, deadline_seconds=self.deadline_seconds
        )
        return Candidate(f"{self.server.provider}:{name}", hardened)


@dataclass
class _Seen:
    """What a server said when it was last asked."""

    at: float = float("-inf")
    models: Sequence[ModelInfo] = ()
    problem: BasicChatError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class ChatProviders:
    """Servers in the order they are tried."""

    def __init__(self, providers: Iterable[Provider], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._providers = tuple(providers)
        self._clock = clock
        self._seen = {provider.server.provider: _Seen() for provider in self._providers}

    def chat_model(self, name: str | None = None) -> ChatModel | None:
        """The model to answer with, None when no server has one.

        Without a name, the chosen model of the first server that answers, with the later servers behind it. With a
        name, that model on the first server that has it. Raises `NotFound` when no server has a model of this name.
        """
        candidates = [
            provider.model(chosen)
            for provider in self._providers
            if (chosen := self._chosen(provider, name)) is not None
        ]
        if not candidates and name is not None:
            known = ", ".join(model.name for model in self.models()) or "none yet"
            raise NotFound(f"There is no chat model named {name}.", hint=f"Installed: {known}.")
        return FallbackChatModel(candidates) if candidates else None

    def models(self) -> list[ModelInfo]:
        """Chat models of every server that answers, in the order of the servers."""
        return [model for provider in self._providers for model in self._look(provider).models]

    def answering(self, name: str | None = None) -> ModelInfo | None:
        """The model that would answer now, without a name or with one; None when there is none."""
        for provider in self._providers:
            chosen = self._chosen(provider, name)
            for model in self._look(provider).models:
                if model.name == chosen:
                    return model
        return None

    def statuses(self) -> tuple[ServerStatus, ...]:
        """How every server stands, asked anew."""
        return tuple(self._status(provider) for provider in self._providers)

    def look_again(self) -> None:
        """Forget what the servers said, so that the next question asks them anew."""
        for seen in self._seen.values():
            seen.at = float("-inf")

    def close(self) -> None:
        """Stop what was started for the servers."""
        for provider in self._providers:
            provider.server.close()

    def _chosen(self, provider: Provider, name: str | None) -> str | None:
        models = self._look(provider).models
        if name is None:
            return provider.choose(models) if models else None
        names = {model.name for model in models}
        return next((wanted for wanted in (name, f"{name}:latest") if wanted in names), None)

    def _look(self, provider: Provider) -> _Seen:
        seen = self._seen[provider.server.provider]
        with seen.lock:
            if self._clock() - seen.at < LOOK_AGAIN_SECONDS:
                return seen
            try:
                listed = provider.server.models()
                seen.models = [model for model in listed if "completion" in model.capabilities]
                seen.problem = None
            except (ProviderError, CircuitOpen) as error:
                seen.models, seen.problem = (), error
            seen.at = self._clock()
            return seen

    def _status(self, provider: Provider) -> ServerStatus:
        seen, breaker = self._look(provider), provider.breaker.status()
        loaded, version = ((), "") if seen.problem else _running(provider)
        return ServerStatus(
            provider=provider.server.provider,
            ok=seen.problem is None,
            detail=str(seen.problem) if seen.problem else _holds(seen.models),
            version=version,
            loaded=loaded,
            models=tuple(model.name for model in seen.models),
            breaker=breaker.state,
            failures=breaker.failures,
            retry_in=breaker.retry_after,
        )


def _running(provider: Provider) -> tuple[tuple[str, ...], str]:
    """Models in memory and the version of a server that answered a moment ago; nothing if it no longer does."""
    try:
        loaded = tuple(provider.server.loaded())
        return loaded, provider.server.version() if loaded or not provider.on_demand else ""
    except ProviderError:
        return (), ""


def _holds(models: Sequence[ModelInfo]) -> str:
    if not models:
        return "answers, but has no chat model yet"
    return f"answers, with {len(models)} chat model{'' if len(models) == 1 else 's'}"
