"""What every chat model promises."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

import pytest

from basicchat.core.errors import ContextOverflow
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Message, ToolCall, ToolSpec

QUESTION = (Message("system", "You are brief."), Message("user", "Count from one to fifty in words."))
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
    "required": ["city"],
}
WEATHER = ToolSpec(
    "get_weather",
    "Tells the weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


class ChatModelContract:
    """Override `model`."""

    window = 512

    @pytest.fixture
    def model(self) -> ChatModel:
        raise NotImplementedError

    def options(self, max_tokens: int = 8) -> GenerationOptions:
        return GenerationOptions(window=self.window, max_tokens=max_tokens)

    def test_says_what_it_is(self, model: ChatModel) -> None:
        info = model.info()
        assert info.name
        assert info.provider
        assert info.context_window > 0
        assert "completion" in info.capabilities

    def test_streams_text_and_ends_with_one_done_delta(self, model: ChatModel) -> None:
        deltas = list(model.stream(QUESTION, options=self.options()))
        assert "".join(delta.text for delta in deltas).strip()
        assert [delta.done for delta in deltas] == [False] * (len(deltas) - 1) + [True]
        assert deltas[-1].finish_reason
        assert deltas[-1].usage is not None

    def test_counts_the_prompt_as_the_server_does(self, model: ChatModel) -> None:
        counted = model.count_tokens(QUESTION)
        last = list(model.stream(QUESTION, options=self.options()))[-1]
        assert counted.tokens > 0
        if counted.exact:
            assert last.usage is not None
            assert last.usage.prompt_tokens == counted.tokens

    def test_a_longer_prompt_counts_more(self, model: ChatModel) -> None:
        longer = (*QUESTION, Message("assistant", "One."), Message("user", "Go on, and do not stop before fifty."))
        assert model.count_tokens(longer).tokens > model.count_tokens(QUESTION).tokens

    def test_closing_early_leaves_a_model_that_works(self, model: ChatModel) -> None:
        stream = model.stream(QUESTION, options=self.options(max_tokens=200))
        with closing(_generator(stream)):
            next(iter(stream))
        assert list(model.stream(QUESTION, options=self.options()))[-1].done

    def test_a_stream_never_read_does_no_harm(self, model: ChatModel) -> None:
        _generator(model.stream(QUESTION, options=self.options())).close()
        assert list(model.stream(QUESTION, options=self.options()))[-1].done

    def test_takes_tools_and_their_results(self, model: ChatModel) -> None:
        history = (
            Message("user", "What is the weather in Paris?"),
            Message("assistant", "", tool_calls=(ToolCall("get_weather", {"city": "Paris"}, id="call_1"),)),
            Message("tool", "Sunny, 21 degrees.", tool_name="get_weather"),
        )
        deltas = list(model.stream(history, options=self.options(), tools=(WEATHER,)))
        assert deltas[-1].done


class SettableChatModelContract(ChatModelContract):
    """For models whose settings are ours to make: limits, temperature, window and schema are obeyed."""

    def test_stops_at_the_longest_reply_allowed(self, model: ChatModel) -> None:
        last = list(model.stream(QUESTION, options=self.options(max_tokens=3)))[-1]
        assert last.finish_reason == "length"
        assert last.usage is not None
        assert last.usage.completion_tokens == 3

    def test_the_same_question_gets_the_same_reply(self, model: ChatModel) -> None:
        replies = ["".join(delta.text for delta in model.stream(QUESTION, options=self.options())) for _ in range(2)]
        assert replies[0] == replies[1]

    def test_a_schema_is_kept(self, model: ChatModel) -> None:
        asked = (Message("user", "Which city is the capital of France? Answer in JSON."),)
        deltas = list(model.stream(asked, options=self.options(max_tokens=60), schema=SCHEMA))
        assert json.loads("".join(delta.text for delta in deltas))["city"] in {"Paris", "Rome"}

    def test_a_prompt_longer_than_the_window_is_refused_not_cut(self, model: ChatModel) -> None:
        with pytest.raises(ContextOverflow):
            list(model.stream((Message("user", "word " * 4 * self.window),), options=self.options()))


def _generator(stream: Any) -> Generator[Delta]:
    """Streams promise `close`, though their type only says iterator."""
    closable: Generator[Delta] = stream
    return closable
