"""What the Ollama client does besides chatting; chatting is in the contract and fault tests."""

from __future__ import annotations

import pytest

from basicchat.adapters.llm.connection import OllamaOptions
from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.core.errors import BadReply, NotFound, ProviderUnavailable
from basicchat.core.types import GenerationOptions, Message, ToolSpec
from basicchat.testing.faulty_server import FaultyServer, refused_url

QWEN = "qwen2.5-coder-0.5b-instruct-q4_k_m"
WEATHER = ToolSpec(
    "get_weather",
    "Tells the weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


def test_no_server():
    server = OllamaServer(refused_url())
    for call in (server.version, server.models, server.loaded, lambda: list(server.pull("x"))):
        with pytest.raises(ProviderUnavailable):
            call()


def test_the_window_is_the_smaller_of_ours_and_the_models():
    with FaultyServer() as fake:
        for ours, used in ((8192, 4096), (2048, 2048)):
            server = OllamaServer(fake.url, options=OllamaOptions(window=ours))
            assert server.chat_model("m").info().context_window == used
            server.close()


def test_a_server_that_is_something_else():
    with FaultyServer("garbage") as fake, pytest.raises(BadReply):
        OllamaServer(fake.url).version()


def test_asking_twice_gives_the_same_model():
    server = OllamaServer("http://127.0.0.1:1")
    assert server.chat_model("m") is server.chat_model("m")


@pytest.fixture(scope="module")
def qwen(model_file):
    server = EmbeddedServer({QWEN: model_file(QWEN) / "model.gguf"}, threads=1, window=1024)
    yield server
    server.close()


@pytest.mark.models
def test_a_small_model_calls_a_tool_and_uses_its_result(qwen):
    model = qwen.chat_model(QWEN)
    options = GenerationOptions(window=1024, max_tokens=60)
    asked = Message("user", "What is the weather in Paris?")
    deltas = list(model.stream((asked,), options=options, tools=(WEATHER,)))
    (call,) = (call for delta in deltas for call in delta.tool_calls)
    assert (call.name, dict(call.arguments)) == ("get_weather", {"city": "Paris"})
    history = (asked, Message("assistant", "", tool_calls=(call,)), Message("tool", "21 degrees", tool_name=call.name))
    assert "21" in "".join(delta.text for delta in model.stream(history, options=options))


@pytest.mark.models
def test_embedding_and_deleting(qwen):
    assert len(qwen.embed(QWEN, ["one", "two"])) == 2
    with pytest.raises(NotFound):
        qwen.client.delete("nothing")
