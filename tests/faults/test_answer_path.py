"""A model server that goes wrong under the whole product: a clear failure, or another answer and a warning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap, settings
from basicchat.bootstrap import parts
from basicchat.core.errors import all_errors
from basicchat.core.events import Event, Failed, Finished
from basicchat.reason.engine import AnswerEngine, AnswerRequest
from basicchat.resilience import CircuitBreaker
from basicchat.service.assistant import Assistant
from basicchat.service.providers import ChatProviders, Provider
from basicchat.settings import AnswerSettings, EmbeddedSettings, OllamaSettings, Settings
from basicchat.testing.chat import EchoChatModel, FakeModelServer
from basicchat.testing.faulty_server import FaultyServer, Misbehaviour, refused_url

pytestmark = pytest.mark.timeout(60)  # far below the patience of the last tests' settings: nothing may hang

QUESTION = "When does the ferry to Oban leave?"
BEFORE_A_WORD: list[Misbehaviour] = ["hang", "garbage", "garbage-json", "status"]
AFTER_A_WORD: list[Misbehaviour] = ["hang-later", "cut", "end-early", "error-line"]


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    """An Ollama with one model, which lists it well and chats badly."""
    with FaultyServer(lists=["m"]) as server:
        yield server


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    """A library with one file; its own chat model is never asked."""
    (tmp_path / "ferry.md").write_text(
        "# Ferry\n\nThe ferry to Oban leaves at seven in the morning.\n", encoding="utf-8"
    )
    with bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake")) as opened:
        opened.ingest([tmp_path / "ferry.md"])
        yield opened


def configured(home: Path, url: str, *, deadline: float = 30.0, patience: float = 0.3) -> Settings:
    """The settings of somebody with an Ollama at ``url`` and nothing else."""
    return settings.load(home=home, profile="default").model_copy(
        update={
            "ollama": OllamaSettings(url=url, first_token_seconds=patience, idle_seconds=patience),
            "embedded": EmbeddedSettings(enabled=False),
            "answer": AnswerSettings(deadline_seconds=deadline),
        }
    )


def ask(assistant: Assistant, chosen: Settings, *, mode: str = "auto", behind: FakeModelServer | None = None) -> Event:
    """The last event of an answer over the assistant's library by the chat models of the settings.

    ``behind`` stands in for the embedded server.
    """
    servers = list(parts.real_providers(chosen, parts.model_files(chosen)))
    if behind is not None:
        servers.append(Provider(behind, choose=parts.first_named, breaker=CircuitBreaker("embedded")))
    chat = ChatProviders(servers)
    engine = AnswerEngine(retriever=assistant.retriever, models=chat.chat_model, config=parts.answer_config(chosen))
    events = list(engine.stream(AnswerRequest(QUESTION, mode=mode)))
    chat.close()
    assert [event for event in events if isinstance(event, Finished | Failed)] == events[-1:]
    return events[-1]


def assert_quoted(event: Event) -> None:
    assert isinstance(event, Finished), event
    assert "seven in the morning" in event.answer.text
    assert event.answer.citations
    assert event.answer.model is None


def assert_clear(event: Event) -> None:
    assert isinstance(event, Failed), event
    assert event.code in all_errors()
    assert event.code != "internal"
    assert len(event.message.split()) >= 3
    assert event.hint
    assert "Traceback" not in event.message


def test_a_server_that_is_well_answers(assistant: Assistant, server: FaultyServer, tmp_path: Path) -> None:
    event = ask(assistant, configured(tmp_path, server.url), mode="chat")
    assert isinstance(event, Finished)
    assert (event.answer.text, event.answer.model, event.answer.warnings) == ("Hello", "m", ())


def test_nobody_there(assistant: Assistant, tmp_path: Path) -> None:
    assert_quoted(ask(assistant, configured(tmp_path, refused_url())))
    assert_clear(ask(assistant, configured(tmp_path, refused_url()), mode="chat"))


@pytest.mark.parametrize("fault", BEFORE_A_WORD)
def test_nothing_of_use_at_all(assistant: Assistant, tmp_path: Path, fault: Misbehaviour) -> None:
    """The lists go wrong too, so there is no model."""
    with FaultyServer(fault) as server:
        assert_quoted(ask(assistant, configured(tmp_path, server.url)))
        assert_clear(ask(assistant, configured(tmp_path, server.url), mode="chat"))


@pytest.mark.timeout(30)
def test_a_server_that_hangs_on_its_lists_is_passed_over_soon(assistant: Assistant, tmp_path: Path) -> None:
    """With the patience for a reply at a minute, and the time allowed for this test at half of it."""
    with FaultyServer("hang") as server:
        assert_quoted(ask(assistant, configured(tmp_path, server.url, patience=60.0)))


@pytest.mark.parametrize("fault", BEFORE_A_WORD)
def test_over_documents_the_best_sentences_are_quoted_and_it_is_said(
    assistant: Assistant, server: FaultyServer, tmp_path: Path, fault: Misbehaviour
) -> None:
    server.misbehaviour = fault
    event = ask(assistant, configured(tmp_path, server.url))
    assert_quoted(event)
    assert isinstance(event, Finished)
    assert any("could not be used" in warning for warning in event.answer.warnings)


@pytest.mark.parametrize("fault", AFTER_A_WORD)
def test_over_documents_a_reply_that_breaks_off_fails_clearly(
    assistant: Assistant, server: FaultyServer, tmp_path: Path, fault: Misbehaviour
) -> None:
    """A part of it was read already, so nothing else is put in its place."""
    server.misbehaviour = fault
    assert_clear(ask(assistant, configured(tmp_path, server.url)))


@pytest.mark.parametrize("fault", [*BEFORE_A_WORD, *AFTER_A_WORD])
def test_in_talk_it_fails_clearly(
    assistant: Assistant, server: FaultyServer, tmp_path: Path, fault: Misbehaviour
) -> None:
    server.misbehaviour = fault
    assert_clear(ask(assistant, configured(tmp_path, server.url), mode="chat"))


@pytest.mark.parametrize("fault", BEFORE_A_WORD)
@pytest.mark.parametrize("mode", ["auto", "chat"])
def test_the_next_server_answers_and_it_is_said(
    assistant: Assistant, server: FaultyServer, tmp_path: Path, fault: Misbehaviour, mode: str
) -> None:
    server.misbehaviour = fault
    behind = FakeModelServer([EchoChatModel()], provider="embedded")
    event = ask(assistant, configured(tmp_path, server.url), mode=mode, behind=behind)
    assert isinstance(event, Finished), event
    assert event.answer.model == EchoChatModel().name
    assert any(warning.startswith("ollama:m could not answer") for warning in event.answer.warnings)


def test_the_deadline_ends_a_wait_without_a_word(assistant: Assistant, server: FaultyServer, tmp_path: Path) -> None:
    """The server may be silent for ten minutes; the answer may take half a second."""
    server.misbehaviour = "hang"
    chosen = configured(tmp_path, server.url, deadline=0.5, patience=600)
    assert_clear(ask(assistant, chosen, mode="chat"))
    assert server.hung_up.wait(30)


def test_the_deadline_ends_a_reply_that_stops(assistant: Assistant, server: FaultyServer, tmp_path: Path) -> None:
    server.misbehaviour = "hang-later"
    chosen = configured(tmp_path, server.url, deadline=0.5, patience=600)
    assert_clear(ask(assistant, chosen, mode="chat"))
    assert server.hung_up.wait(30)
