"""Chat models that need no weights: one that repeats, one that follows a script, one that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

from basicchat.core.errors import BadReply, ContextOverflow, NotFound, ProviderUnavailable
from basicchat.core.types import (
    Delta,
    GenerationOptions,
    Json,
    Message,
    ModelInfo,
    Progress,
    TokenCount,
    ToolCall,
    ToolSpec,
    Usage,
)

PROVIDER = "fake"
MESSAGE_TOKENS = 4  # what a template adds to every message

Fault = Literal["refuse", "hang", "cut", "garbage", "slow"]


def count_words(messages: Sequence[Message]) -> int:
    """Tokens of a prompt as these models count them: words, and four a message."""
    return sum(len(message.content.split()) + MESSAGE_TOKENS for message in messages)


def spoken(text: str, *, limit: int | None = None) -> Iterator[str]:
    """A text as a model would stream it: word by word, spaces kept, at most ``limit`` words."""
    words = [part for part in text.split(" ") if part]
    for number, word in enumerate(words if limit is None else words[:limit]):
        yield word if number == 0 else f" {word}"


def example(schema: Mapping[str, Json]) -> Json:
    """The simplest value that a JSON Schema of objects, arrays, enums and scalars allows."""
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        choices = schema["enum"]
        return choices[0] if isinstance(choices, list) else None
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return {name: example(part) for name, part in properties.items() if isinstance(part, dict)}
    samples: dict[str, Json] = {"array": [], "integer": 0, "number": 0, "boolean": False, "null": None, "object": {}}
    kind = schema.get("type")
    return samples.get(kind, "text") if isinstance(kind, str) else "text"


@dataclass(frozen=True, slots=True)
class Call:
    """What a model was asked."""

    messages: tuple[Message, ...]
    options: GenerationOptions
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One reply to give: a text, tool calls, or both."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    thinking: str = ""


@dataclass
class EchoChatModel:
    """Says back the last message of the user. With a schema it answers the simplest value that satisfies it."""

    name: str = "echo"
    window: int = 8192
    closed: int = field(default=0, init=False)

    def info(self) -> ModelInfo:
        """A model of the fake provider."""
        return ModelInfo(self.name, PROVIDER, self.window)

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Words, and four a message; exact."""
        return TokenCount(count_words(messages), exact=True)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Generator[Delta]:
        """Word by word. ``closed`` counts the replies that were not read to the end."""
        said = next((message.content for message in reversed(messages) if message.role == "user"), "")
        reply = Script(said if schema is None else json.dumps(example(schema)))
        finished = False
        try:
            yield from deltas(reply, messages, options)
            finished = True
        finally:
            self.closed += not finished


def deltas(reply: Script, messages: Sequence[Message], options: GenerationOptions) -> Iterator[Delta]:
    """A reply as deltas, with usage. Raises `ContextOverflow` if the prompt is longer than the window."""
    prompt = count_words(messages)
    if prompt > options.window:
        raise ContextOverflow(f"The prompt has {prompt} tokens, the window {options.window}.", provider=PROVIDER)
    if reply.thinking:
        yield Delta(thinking=reply.thinking)
    words = list(spoken(reply.text, limit=options.max_tokens))
    for word in words:
        yield Delta(text=word)
    if reply.tool_calls:
        yield Delta(tool_calls=reply.tool_calls)
    cut = options.max_tokens is not None and len(reply.text.split()) > options.max_tokens
    reason = "length" if cut else "tool_calls" if reply.tool_calls else "stop"
    yield Delta(done=True, finish_reason=reason, usage=Usage(prompt, len(words), 0.0, 0.0, 0.0))


class ScriptedChatModel:
    """Gives the replies of a list, in order, and remembers what it was asked in ``calls``.

    A reply is a text, a `Script`, or an error to raise. Asked once more than there are replies, it fails the test.
    """

    def __init__(
        self, replies: Sequence[str | Script | Exception], *, name: str = "scripted", window: int = 8192
    ) -> None:
        self.name = name
        self.window = window
        self.calls: list[Call] = []
        self._replies = list(replies)

    def info(self) -> ModelInfo:
        """A model of the fake provider that can use tools."""
        return ModelInfo(self.name, PROVIDER, self.window, capabilities=frozenset({"completion", "tools"}))

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Words, and four a message; exact."""
        return TokenCount(count_words(messages), exact=True)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Generator[Delta]:
        """The next reply."""
        self.calls.append(Call(tuple(messages), options, tuple(tools), schema))
        if not self._replies:
            raise AssertionError("the script has no more replies")
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        yield from deltas(Script(reply) if isinstance(reply, str) else reply, messages, options)


class FaultyChatModel:
    """Goes wrong in one of the ways model servers do, ``times`` times (always, if None), then echoes.

    ``refuse`` does not answer at all; ``hang`` says nothing until `release`; ``cut`` breaks off after two words;
    ``garbage`` answers nonsense; ``slow`` says one word and then nothing until `release`.
    """

    def __init__(self, fault: Fault, *, times: int | None = None) -> None:
        self.fault = fault
        self.calls = 0
        self._times = times
        self._released = Event()
        self._echo = EchoChatModel("faulty")

    def release(self) -> None:
        """Let every hanging call go on, now and later."""
        self._released.set()

    def abort(self) -> None:
        """Same as `release`."""
        self.release()

    def info(self) -> ModelInfo:
        """A model of the fake provider."""
        return self._echo.info()

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Words, and four a message; exact."""
        return self._echo.count_tokens(messages)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Generator[Delta]:
        """Go wrong, or echo."""
        self.calls += 1
        if self._times is None or self.calls <= self._times:
            yield from self._go_wrong()
        yield from self._echo.stream(messages, options=options, tools=tools, schema=schema)

    def _go_wrong(self) -> Iterator[Delta]:
        if self.fault == "refuse":
            raise ProviderUnavailable("The fake server does not answer.", provider=PROVIDER, model="faulty")
        if self.fault == "garbage":
            raise BadReply("The fake server answered nonsense.", provider=PROVIDER, model="faulty")
        if self.fault == "cut":
            yield from (Delta(text="A"), Delta(text=" broken"))
            raise ProviderUnavailable("The fake server broke off.", provider=PROVIDER, model="faulty")
        if self.fault == "slow":
            yield Delta(text="Wait")
        self._released.wait()


class FakeModelServer:
    """A model server in memory. ``models`` are its chat models; those of ``shop`` can be pulled."""

    def __init__(
        self,
        models: Sequence[EchoChatModel | ScriptedChatModel] = (),
        *,
        provider: str = "ollama",
        shop: Sequence[EchoChatModel | ScriptedChatModel] = (),
    ) -> None:
        self.available = True
        self.closed = False
        self._provider = provider
        self._models = {model.name: model for model in models}
        self._shop = {model.name: model for model in shop}

    @property
    def provider(self) -> str:
        """As it was told."""
        return self._provider

    def version(self) -> str:
        """Always 0. Raises `ProviderUnavailable` when ``available`` is off."""
        self._check()
        return "0"

    def models(self) -> list[ModelInfo]:
        """Models it has."""
        self._check()
        return [model.info() for model in self._models.values()]

    def loaded(self) -> list[str]:
        """All of them."""
        self._check()
        return list(self._models)

    def chat_model(self, name: str) -> _NamedModel:
        """A model that looks for itself when it is used."""
        return _NamedModel(self, name)

    def find(self, name: str) -> EchoChatModel | ScriptedChatModel:
        """The model. Raises `NotFound`."""
        self._check()
        if name not in self._models:
            raise NotFound(f"There is no model {name!r}.")
        return self._models[name]

    def pull(self, name: str) -> Iterator[Progress]:
        """Two steps, then it is there. Raises `NotFound` for a model that is nowhere."""
        self._check()
        model = self._models.get(name) or self._shop.get(name)
        if model is None:
            raise NotFound(f"There is no model {name!r} to fetch.")
        yield Progress("pulling", 0, 100, "bytes")
        yield Progress("success", 100, 100, "bytes")
        self._models[name] = model

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _check(self) -> None:
        if not self.available:
            raise ProviderUnavailable("The fake server does not answer.", provider=self.provider)


@dataclass(frozen=True)
class _NamedModel:
    server: FakeModelServer
    name: str

    def info(self) -> ModelInfo:
        return self.server.find(self.name).info()

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        return self.server.find(self.name).count_tokens(messages)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Iterator[Delta]:
        model = self.server.find(self.name)
        yield from model.stream(messages, options=options, tools=tools, schema=schema)
