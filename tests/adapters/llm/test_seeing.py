"""Models that see, over a real server on this machine."""

from __future__ import annotations

import base64

import pytest

from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.adapters.llm.seeing import OllamaEyes
from basicchat.core.errors import DeadlineExceeded, DependencyMissing, ProviderError
from basicchat.testing.faulty_server import FaultyServer, refused_url

PICTURE = b"\x89PNG and so on"


def see(url: str, seconds: float = 10.0) -> str:
    server = OllamaServer(url)
    try:
        return OllamaEyes(server).see(PICTURE, "What is it?", seconds=seconds)
    finally:
        server.close()


def test_the_picture_and_the_question_reach_a_model_that_sees() -> None:
    with FaultyServer(lists=["moondream"], sees=True) as server:
        assert see(server.url) == "Hello"
        path, body = server.requests[-1]
    assert (path, body["model"]) == ("/api/chat", "moondream")
    (message,) = body["messages"]
    assert message["content"] == "What is it?"
    assert base64.b64decode(message["images"][0]) == PICTURE


def test_where_no_model_sees_it_is_said() -> None:
    with FaultyServer(lists=["qwen"]) as server, pytest.raises(DependencyMissing):
        see(server.url)
    with pytest.raises(DependencyMissing):
        see(refused_url())


def test_a_server_that_fails_or_takes_too_long_is_told() -> None:
    with FaultyServer("error-line", lists=["moondream"], sees=True) as server, pytest.raises(ProviderError):
        see(server.url)
    with FaultyServer(lists=["moondream"], sees=True) as server, pytest.raises(DeadlineExceeded):
        see(server.url, seconds=0.0)
