"""A model server that goes wrong, over real sockets: every fault ends in a clear error, and nothing hangs."""

from __future__ import annotations

from threading import Thread

import pytest

from basicchat.adapters.llm.connection import OllamaOptions
from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.adapters.llm.openai_compatible import OpenAICompatibleModel
from basicchat.core.errors import (
    BadReply,
    Cancelled,
    CircuitOpen,
    DeadlineExceeded,
    InvalidInput,
    NotFound,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from basicchat.core.types import GenerationOptions, Message, TokenCount
from basicchat.resilience import (
    BreakerPolicy,
    Candidate,
    CircuitBreaker,
    FallbackChatModel,
    ResilientChatModel,
    RetryPolicy,
    context_mismatch,
)
from basicchat.testing.chat import EchoChatModel
from basicchat.testing.faulty_server import FaultyServer, refused_url

ASKED = (Message("user", "hello " * 300),)
OPTIONS = GenerationOptions(window=4096)
PATIENCE = OllamaOptions(connect_seconds=0.5, first_token_seconds=0.3, idle_seconds=0.2)
QUICK = RetryPolicy(attempts=2, first_wait=0.001, jitter=0.0)


def ollama_model(url):
    return OllamaServer(url, options=PATIENCE).chat_model("m")


def openai_model(url):
    return OpenAICompatibleModel("m", url=f"{url}/v1", context_window=4096, options=PATIENCE)


@pytest.fixture
def server():
    with FaultyServer() as server:
        yield server


@pytest.fixture(params=[ollama_model, openai_model], ids=["ollama", "openai"])
def model_of(request):
    return request.param


def reply(model):
    return list(model.stream(ASKED, options=OPTIONS))


def test_nothing_wrong(server, model_of):
    assert "".join(delta.text for delta in reply(model_of(server.url))) == "Hello"


def test_refused(model_of):
    with pytest.raises(ProviderUnavailable):
        reply(model_of(refused_url()))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("hang", ProviderTimeout),
        ("hang-later", ProviderTimeout),
        ("cut", ProviderUnavailable),
        ("end-early", BadReply),
        ("garbage", BadReply),
        ("garbage-json", BadReply),
    ],
)
def test_faults_of_the_wire(server, model_of, fault, error):
    server.misbehaviour = fault
    with pytest.raises(error):
        reply(model_of(server.url))


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, InvalidInput), (404, NotFound), (429, RateLimited), (500, ProviderUnavailable), (504, ProviderTimeout)],
)
def test_statuses(server, model_of, status, error):
    server.misbehaviour, server.status = "status", status
    with pytest.raises(error, match=f"made to fail with {status}"):
        reply(model_of(server.url))


def test_an_error_inside_the_stream(server):
    server.misbehaviour = "error-line"
    with pytest.raises(ProviderUnavailable, match="runner process has terminated"):
        reply(ollama_model(server.url))


def test_a_truncated_prompt_is_noticed(server):
    server.misbehaviour = "truncate"
    model = ollama_model(server.url)
    counted = model.count_tokens(ASKED)
    usage = reply(model)[-1].usage
    assert not counted.exact
    assert context_mismatch(counted, usage.prompt_tokens, OPTIONS.window)
    assert model.count_tokens(ASKED) == counted, "a cut prompt teaches nothing"


def test_estimates_learn_from_the_server(server):
    model = ollama_model(server.url)
    before = model.count_tokens(ASKED).tokens
    for _ in range(8):
        reply(model)
    after = model.count_tokens(ASKED)
    assert after == TokenCount(after.tokens, exact=False)
    assert abs(after.tokens - 400) < abs(before - 400)


def test_the_window_is_sent_with_every_call_and_never_changes(server):
    model = ollama_model(server.url)
    for _ in range(2):
        reply(model)
    sent = [body["options"] for path, body in server.requests if path == "/api/chat"]
    assert sent == [{"num_ctx": 4096, "temperature": 0.0, "seed": 0}] * 2


def test_closing_the_iterator_hangs_up(server, model_of):
    server.misbehaviour = "hang-later"
    stream = model_of(server.url).stream(ASKED, options=OPTIONS)
    assert next(stream).text == "Hello"
    stream.close()
    assert server.hung_up.wait(10)


def test_another_thread_can_stop_a_reply_that_has_not_begun(server, model_of):
    server.misbehaviour = "hang"
    model = model_of(server.url)
    model_patience = OllamaOptions(first_token_seconds=60)
    if isinstance(model, OpenAICompatibleModel):
        model = OpenAICompatibleModel("m", url=server.url, context_window=4096, options=model_patience)
    else:
        model = OllamaServer(server.url, options=model_patience).chat_model("m")
    stream = model.stream(ASKED, options=OPTIONS)
    errors = []

    def read():
        try:
            next(stream)
        except Cancelled as error:
            errors.append(error)

    reader = Thread(target=read)
    reader.start()
    while not server.requests:
        reader.join(0.01)
    stream.abort()
    reader.join(10)
    assert errors
    assert server.hung_up.wait(10)


def test_a_deadline_ends_a_reply_that_hangs(server):
    server.misbehaviour = "hang"
    patient = OllamaServer(server.url, options=OllamaOptions(first_token_seconds=60)).chat_model("m")
    with pytest.raises(DeadlineExceeded):
        reply(ResilientChatModel(patient, deadline_seconds=0.3))
    assert server.hung_up.wait(10), "the connection is given up, not left to the server"


def test_retries_until_the_server_is_well(server):
    server.misbehaviour, server.status = "status", 503
    model = ResilientChatModel(ollama_model(server.url), retry=RetryPolicy(attempts=3, first_wait=0.001, jitter=0.0))
    model.model = _HealsAfter(server, model.model, failures=2)
    assert reply(model)[-1].done


def test_the_breaker_opens_and_the_fallback_answers(server):
    server.misbehaviour = "cut"
    breaker = CircuitBreaker("ollama", BreakerPolicy(failures=2, pause_seconds=60))
    guarded = ResilientChatModel(ollama_model(refused_url()), breaker=breaker, retry=QUICK)
    with pytest.raises(ProviderUnavailable):
        reply(guarded)
    assert breaker.status().state == "open"
    with pytest.raises(CircuitOpen):
        reply(guarded)
    stream = FallbackChatModel([Candidate("ollama", guarded), Candidate("echo", EchoChatModel())]).stream(
        ASKED, options=OPTIONS
    )
    assert list(stream)[-1].done
    assert stream.answered == "echo"
    assert [skipped.code for skipped in stream.skipped] == ["circuit-open"]


class _HealsAfter:
    """Makes the server well after some calls."""

    def __init__(self, server, model, *, failures):
        self._server, self._model, self._left = server, model, failures

    def stream(self, *arguments, **options):
        if self._left == 0:
            self._server.misbehaviour = "none"
        self._left -= 1
        return self._model.stream(*arguments, **options)
