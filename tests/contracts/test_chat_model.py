"""Every chat model keeps the same promises."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.adapters.llm.openai_compatible import OpenAICompatibleModel
from basicchat.core.protocols import ChatModel
from basicchat.resilience import Candidate, FallbackChatModel, ResilientChatModel
from basicchat.testing.chat import EchoChatModel, FakeModelServer, FaultyChatModel, ScriptedChatModel
from basicchat.testing.contracts.chat_model import QUESTION, SCHEMA, ChatModelContract, SettableChatModelContract

SMOL = "smollm2-135m-instruct-q4_1"


@pytest.fixture(scope="module")
def embedded(model_file) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer({SMOL: model_file(SMOL) / "model.gguf"}, threads=1, window=2048)
    yield server
    server.close()


@pytest.fixture(scope="module")
def llama_cpp(model_file):
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_file(SMOL) / "model.gguf")
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.verbosity = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(parameters)


class TestEcho(SettableChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return EchoChatModel()

    def test_closing_early_is_counted(self):
        model = EchoChatModel()
        stream = model.stream(QUESTION, options=self.options())
        next(stream)
        stream.close()
        assert model.closed == 1

    def test_a_schema_gets_the_simplest_value(self):
        deltas = EchoChatModel().stream(QUESTION, options=self.options(50), schema=SCHEMA)
        assert json.loads("".join(delta.text for delta in deltas)) == {"city": "Paris"}


class TestScripted(ChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return ScriptedChatModel(["one two three"] * 3)


class TestFakeServer(SettableChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return FakeModelServer([EchoChatModel()]).chat_model("echo")


class TestResilient(SettableChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return ResilientChatModel(EchoChatModel(), deadline_seconds=60)


class TestFallback(SettableChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        return FallbackChatModel([Candidate("broken", FaultyChatModel("refuse")), Candidate("echo", EchoChatModel())])


@pytest.mark.models
class TestOllamaClientOnEmbeddedServer(SettableChatModelContract):
    window = 2048

    @pytest.fixture
    def model(self, embedded) -> ChatModel:
        return embedded.chat_model(SMOL)


@pytest.mark.models
class TestOpenAICompatibleOnLlamaCpp(SettableChatModelContract):
    window = 2048

    @pytest.fixture
    def model(self, llama_cpp) -> ChatModel:
        return OpenAICompatibleModel("smol", url=f"{llama_cpp.listening_address}/v1", context_window=2048)


class TestLangChain(ChatModelContract):
    @pytest.fixture
    def model(self) -> ChatModel:
        pytest.importorskip("langchain_core")
        from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
        from langchain_core.messages import AIMessage

        from basicchat.adapters.llm.langchain import LangChainChatModel

        class WithTools(GenericFakeChatModel):
            def bind_tools(self, tools, **kwargs):
                return self.bind(tools=tools)

        replies = (AIMessage("one two three") for _ in iter(int, 1))
        return LangChainChatModel(WithTools(messages=replies), context_window=4096)
