"""Servers are tried in their order; who answers, and why another does not, can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from basicchat.core.errors import NotFound, ProviderUnavailable
from basicchat.core.protocols import ModelServer
from basicchat.core.types import GenerationOptions, Message, ModelInfo
from basicchat.resilience.breaker import BreakerPolicy, CircuitBreaker
from basicchat.resilience.retry import RetryPolicy
from basicchat.service.providers import LOOK_AGAIN_SECONDS, ChatProviders, Provider
from basicchat.testing.chat import EchoChatModel, FakeModelServer

ONCE = RetryPolicy(attempts=1)


def first(models: Sequence[ModelInfo]) -> str | None:
    return models[0].name if models else None


def provider(server: ModelServer, *, on_demand: bool = False, failures: int = 3) -> Provider:
    breaker = CircuitBreaker(server.provider, BreakerPolicy(failures=failures))
    return Provider(server, choose=first, breaker=breaker, retry=ONCE, on_demand=on_demand)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ollama() -> FakeModelServer:
    return FakeModelServer([EchoChatModel("big")], provider="ollama")


@pytest.fixture
def embedded() -> FakeModelServer:
    return FakeModelServer([EchoChatModel("small")], provider="embedded")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def providers(ollama: FakeModelServer, embedded: FakeModelServer, clock: Clock) -> ChatProviders:
    return ChatProviders([provider(ollama), provider(embedded, on_demand=True)], clock=clock)


def said_by(providers: ChatProviders, name: str | None = None) -> str | None:
    model = providers.chat_model(name)
    assert model is not None
    stream = model.stream([Message("user", "Hello there")], options=GenerationOptions(1000))
    assert "".join(delta.text for delta in stream)
    return getattr(stream, "answered", None)


def test_the_first_server_answers(providers: ChatProviders) -> None:
    assert said_by(providers) == "ollama:big"
    answering = providers.answering()
    assert answering is not None
    assert answering.name == "big"
    assert [model.name for model in providers.models()] == ["big", "small"]


def test_the_next_one_answers_when_the_first_is_gone(providers: ChatProviders, ollama: FakeModelServer) -> None:
    ollama.available = False
    assert said_by(providers) == "embedded:small"


def test_the_next_one_answers_when_the_first_goes_in_between(providers: ChatProviders, ollama: FakeModelServer) -> None:
    model = providers.chat_model()
    assert model is not None
    ollama.available = False
    stream = model.stream([Message("user", "Hello")], options=GenerationOptions(1000))
    list(stream)
    assert getattr(stream, "answered", None) == "embedded:small"


def test_a_model_is_found_by_its_name(providers: ChatProviders) -> None:
    assert said_by(providers, "small") == "embedded:small"
    with pytest.raises(NotFound) as caught:
        providers.chat_model("none-such")
    assert "big, small" in caught.value.hint


def test_without_any_model_there_is_none() -> None:
    providers = ChatProviders([provider(FakeModelServer())])
    assert providers.chat_model() is None
    assert providers.answering() is None


def test_what_a_server_said_is_believed_for_a_while(
    providers: ChatProviders, ollama: FakeModelServer, clock: Clock
) -> None:
    assert len(providers.models()) == 2
    ollama.available = False
    assert len(providers.models()) == 2
    clock.now += LOOK_AGAIN_SECONDS + 0.1
    assert [model.name for model in providers.models()] == ["small"]
    ollama.available = True
    providers.look_again()
    assert len(providers.models()) == 2


def test_the_state_of_every_server_is_visible(providers: ChatProviders, ollama: FakeModelServer) -> None:
    well, beside = providers.statuses()
    assert (well.ok, well.version, well.loaded, well.breaker) == (True, "0", ("big",), "closed")
    assert (beside.ok, beside.models) == (True, ("small",))
    ollama.available = False
    providers.look_again()
    gone = providers.statuses()[0]
    assert (gone.ok, gone.models, gone.version) == (False, (), "")
    assert gone.detail


def test_an_open_breaker_is_visible(ollama: FakeModelServer) -> None:
    one = provider(ollama, failures=1)
    providers = ChatProviders([one])
    model = providers.chat_model()
    ollama.available = False
    assert model is not None
    with pytest.raises(ProviderUnavailable):
        list(model.stream([Message("user", "Hello")], options=GenerationOptions(1000)))
    status = providers.statuses()[0]
    assert (status.breaker, status.failures) == ("open", 1)
    assert status.retry_in > 0


def test_a_server_on_demand_is_not_started_to_be_shown() -> None:
    class Asleep(FakeModelServer):
        def loaded(self) -> list[str]:
            return []

        def version(self) -> str:
            raise AssertionError("started")

    sleeping = Asleep([EchoChatModel("small")], provider="embedded")
    assert ChatProviders([provider(sleeping, on_demand=True)]).statuses()[0].version == ""


def test_closing_stops_the_servers(
    providers: ChatProviders, ollama: FakeModelServer, embedded: FakeModelServer
) -> None:
    providers.close()
    assert (ollama.closed, embedded.closed) == (True, True)
