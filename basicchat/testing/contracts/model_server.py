"""What every server of local models promises."""

from __future__ import annotations

import pytest

from basicchat.core.errors import BasicChatError, NotFound
from basicchat.core.protocols import ModelServer
from basicchat.core.types import GenerationOptions, Message


class ModelServerContract:
    """Override `server`, which has the chat model named `model_name`, and none named "no-such-model"."""

    model_name = "echo"

    @pytest.fixture
    def server(self) -> ModelServer:
        raise NotImplementedError

    def test_says_who_it_is(self, server: ModelServer) -> None:
        assert server.provider in {"ollama", "embedded"}
        assert server.version()

    def test_lists_its_models(self, server: ModelServer) -> None:
        infos = {info.name: info for info in server.models()}
        assert self.model_name in infos
        assert infos[self.model_name].context_window > 0
        assert "completion" in infos[self.model_name].capabilities

    def test_a_model_talks_and_is_then_in_memory(self, server: ModelServer) -> None:
        model = server.chat_model(self.model_name)
        options = GenerationOptions(window=512, max_tokens=4)
        assert list(model.stream((Message("user", "Say hello to Bob"),), options=options))[-1].done
        assert self.model_name in server.loaded()
        assert model.info().name == self.model_name

    def test_an_unknown_model_is_not_found(self, server: ModelServer) -> None:
        model = server.chat_model("no-such-model")
        with pytest.raises(NotFound):
            list(model.stream((Message("user", "hello"),), options=GenerationOptions(window=512)))
        with pytest.raises(NotFound):
            model.info()
        with pytest.raises(NotFound):
            model.count_tokens((Message("user", "hello"),))

    def test_pulling_a_model_that_is_there_succeeds(self, server: ModelServer) -> None:
        assert list(server.pull(self.model_name))[-1].stage == "success"

    def test_pulling_an_unknown_model_fails(self, server: ModelServer) -> None:
        with pytest.raises(BasicChatError):
            list(server.pull("no-such-model"))
