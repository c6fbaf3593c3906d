"""Stopping a reply of the embedded server before its first word, and its log."""

from __future__ import annotations

from threading import Thread

import pytest

from basicchat.adapters.llm.connection import OllamaOptions
from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.adapters.llm.embedded.process import LOG_BYTES
from basicchat.core.errors import Cancelled, NotFound, ProviderUnavailable
from basicchat.core.types import GenerationOptions, Message

SHORT = GenerationOptions(window=4096, max_tokens=2)


@pytest.mark.models
def test_stopping_while_the_prompt_is_read_frees_the_server(model_file):
    path = model_file("smollm2-135m-instruct-q4_1") / "model.gguf"
    server = EmbeddedServer({"smol": path}, threads=1, options=OllamaOptions(connect_seconds=5, window=4096))
    try:
        model = server.chat_model("smol")
        first = list(model.stream((Message("user", "hello"),), options=SHORT))[-1]
        long = model.stream((Message("user", "word " * 3900),), options=SHORT)
        errors = []

        def read():
            try:
                next(long)
            except Cancelled as error:
                errors.append(error)

        reader = Thread(target=read)
        reader.start()
        reader.join(0.5)
        long.abort()
        reader.join(20)
        assert errors
        again = list(model.stream((Message("user", "hello"),), options=SHORT))[-1]
        assert again.usage.prompt_tokens == first.usage.prompt_tokens
    finally:
        server.close()


@pytest.mark.models
def test_the_likeliest_first_tokens_are_told(embedded):
    options = GenerationOptions(window=1024, max_tokens=1, alternatives=5)
    deltas = list(embedded.chat_model("smol").stream((Message("user", "Is the sky blue?"),), options=options))
    (told,) = [delta.alternatives for delta in deltas if delta.text]
    likelihoods = [likelihood for _, likelihood in told]
    assert len(told) == 5
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert told[0][0] == "".join(delta.text for delta in deltas)
    assert not any(delta.alternatives for delta in deltas if not delta.text)


def test_files_are_listed_without_a_process(tmp_path):
    server = EmbeddedServer({"gone": tmp_path / "gone.gguf"}, threads=1)
    assert server.models() == []
    assert server.loaded() == []
    assert server.pid is None
    server.close()


def test_a_long_log_is_put_aside_and_no_secret_is_in_the_new_one(tmp_path):
    log = tmp_path / "embedded.log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    server = EmbeddedServer({}, threads=1, log_file=log)
    try:
        assert server.version()
        token = server.endpoint().token
        with pytest.raises(NotFound):
            server.chat_model("nothing").info()
    finally:
        server.close()
    assert (tmp_path / "embedded.log.1").stat().st_size == LOG_BYTES + 1
    assert token not in log.read_text()


def test_a_closed_server_stays_closed():
    server = EmbeddedServer({})
    server.close()
    with pytest.raises(ProviderUnavailable):
        server.version()


@pytest.mark.models
def test_a_prompt_that_goes_on_is_read_from_where_it_goes_on(embedded):
    model = embedded.chat_model("smol")
    first = (Message("user", "The harbour of Orla was deepened for larger ships. " * 12),)
    options = GenerationOptions(window=1024, max_tokens=4)
    reply = "".join(delta.text for delta in model.stream(first, options=options))
    further = (*first, Message("assistant", reply), Message("user", "Why was it deepened?"))
    usage = list(model.stream(further, options=options))[-1].usage
    assert usage.reused_tokens > 0.7 * usage.prompt_tokens
    assert usage.reused_tokens < usage.prompt_tokens
