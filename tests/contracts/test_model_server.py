"""Every model server keeps the same promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.core.protocols import ModelServer
from basicchat.testing.chat import EchoChatModel, FakeModelServer
from basicchat.testing.contracts.model_server import ModelServerContract

SMOL = "smollm2-135m-instruct-q4_1"


@pytest.fixture(scope="module")
def embedded(model_file) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer({SMOL: model_file(SMOL) / "model.gguf"}, threads=1, window=512)
    yield server
    server.close()


class TestFake(ModelServerContract):
    @pytest.fixture
    def server(self) -> ModelServer:
        return FakeModelServer([EchoChatModel()])


@pytest.mark.models
class TestEmbedded(ModelServerContract):
    model_name = SMOL

    @pytest.fixture
    def server(self, embedded) -> ModelServer:
        return embedded


@pytest.mark.models
class TestOllamaClient(ModelServerContract):
    """The client of a real Ollama, against the embedded server: no real one was there to test with."""

    model_name = SMOL

    @pytest.fixture
    def server(self, embedded) -> ModelServer:
        return embedded.client
