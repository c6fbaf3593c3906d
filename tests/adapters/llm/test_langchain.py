"""LangChain's messages, calls, usage and errors in ours."""

from __future__ import annotations

import pytest

from basicchat.adapters.llm.langchain import LangChainChatModel, to_langchain
from basicchat.core.errors import ProviderTimeout, ProviderUnavailable, RateLimited
from basicchat.core.types import GenerationOptions, Message, ToolCall, ToolSpec

pytest.importorskip("langchain_core")

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

OPTIONS = GenerationOptions(window=4096)
ASKED = (Message("user", "hello"),)


class WithTools(GenericFakeChatModel):
    def bind_tools(self, tools, **kwargs):
        return self.bind(tools=tools)


def model(*replies):
    return LangChainChatModel(WithTools(messages=iter(replies)), context_window=4096, name="fake")


def test_text_streams():
    deltas = list(model(AIMessage("one two")).stream(ASKED, options=OPTIONS))
    assert "".join(delta.text for delta in deltas) == "one two"
    assert len(deltas) > 2


def test_tool_calls_and_usage_come_with_the_last_delta():
    reply = AIMessage(
        "",
        tool_calls=[{"name": "add", "args": {"a": 1}, "id": "x"}],
        usage_metadata={"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
    )

    class Whole(WithTools):
        def _stream(self, *arguments, **options):
            raise NotImplementedError

        def stream(self, *arguments, **options):
            yield reply

    wrapped = LangChainChatModel(Whole(messages=iter(())), context_window=4096)
    (last,) = wrapped.stream(ASKED, options=OPTIONS)
    assert last.tool_calls == (ToolCall("add", {"a": 1}, id="x"),)
    assert last.finish_reason == "tool_calls"
    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (7, 3)


def test_messages_and_results_keep_their_ids():
    history = (
        Message("system", "Be brief."),
        Message("user", "Add."),
        Message("assistant", "", tool_calls=(ToolCall("add", {"a": 1}, id="x"),)),
        Message("tool", "1", tool_name="add"),
    )
    out = to_langchain(history)
    assert [message.type for message in out] == ["system", "human", "ai", "tool"]
    assert out[2].tool_calls[0]["args"] == {"a": 1}
    assert out[3].tool_call_id == "x"


def test_tools_are_bound():
    deltas = model(AIMessage("fine")).stream(ASKED, options=OPTIONS, tools=(ToolSpec("add", "Adds.", {}),))
    assert "".join(delta.text for delta in deltas) == "fine"


class StatusError(Exception):
    status_code = 429


@pytest.mark.parametrize(
    ("foreign", "error"),
    [(StatusError("busy"), RateLimited), (TimeoutError("slow"), ProviderTimeout), (OSError("no"), ProviderUnavailable)],
)
def test_errors_of_any_provider_are_translated(foreign, error):
    class Failing(WithTools):
        def stream(self, *arguments, **options):
            raise foreign

    wrapped = LangChainChatModel(Failing(messages=iter(())), context_window=4096)
    with pytest.raises(error) as caught:
        list(wrapped.stream(ASKED, options=OPTIONS))
    assert caught.value.__cause__ is foreign
