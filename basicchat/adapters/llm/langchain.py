"""Any LangChain chat model as a chat model of ours; through it, every provider that LangChain knows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from basicchat.adapters.llm.failures import from_status
from basicchat.adapters.llm.wire import TokenEstimate, prompt_characters, tool_out
from basicchat.core.errors import BasicChatError, DependencyMissing, ProviderTimeout, ProviderUnavailable
from basicchat.core.types import (
    Delta,
    GenerationOptions,
    Json,
    Message,
    ModelInfo,
    TokenCount,
    ToolCall,
    ToolSpec,
    Usage,
)

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

PROVIDER = "langchain"


def openai_schema(schema: Mapping[str, Json]) -> dict[str, Any]:
    """Call arguments that make OpenAI and those who follow it answer with JSON of a schema."""
    named = {"name": "reply", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


class LangChainChatModel:
    """Wraps ``model``. ``context_window`` is in tokens; LangChain does not know it.

    Sampling settings other than the stop words are the wrapped model's own, since their names differ by provider.
    ``schema_arguments`` says how this provider is told to keep to a JSON Schema.
    """

    def __init__(
        self,
        model: BaseChatModel,
        *,
        context_window: int,
        name: str = "",
        schema_arguments: Callable[[Mapping[str, Json]], dict[str, Any]] = openai_schema,
    ) -> None:
        self._model = model
        self._window = context_window
        self._schema_arguments = schema_arguments
        self.name = name or str(getattr(model, "model_name", "") or getattr(model, "model", "") or type(model).__name__)
        self._estimate = TokenEstimate()

    def info(self) -> ModelInfo:
        """As it was told."""
        return ModelInfo(self.name, PROVIDER, self._window, capabilities=frozenset({"completion", "tools"}))

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """An estimate, made better by every reply that tells its usage."""
        return TokenCount(self._estimate.tokens(prompt_characters(messages), len(messages)), exact=False)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> Generator[Delta]:
        """Generate. Tool calls come with the last delta. Raises `DependencyMissing` without langchain-core."""
        try:
            prompt = to_langchain(messages)
        except ImportError as error:
            raise DependencyMissing("langchain", extra="langchain") from error
        runnable: Any = self._model.bind_tools([tool_out(tool) for tool in tools]) if tools else self._model
        extra = self._schema_arguments(schema) if schema is not None else {}
        stop = list(options.stop) or None
        whole: Any = None
        try:
            with closing(runnable.stream(prompt, stop=stop, **extra)) as chunks:
                for chunk in chunks:
                    whole = chunk if whole is None else whole + chunk
                    if text := _text(chunk.content):
                        yield Delta(text=text)
        except BasicChatError:
            raise
        except Exception as error:
            raise self._translated(error) from error
        last = _last(whole)
        if last.usage is not None:
            self._estimate.learn(prompt_characters(messages, tools), len(messages), last.usage.prompt_tokens)
        yield last

    def _translated(self, error: Exception) -> BasicChatError:
        """Every provider has its own errors; most carry an HTTP status."""
        said = f"{type(error).__name__}: {error}"
        status = getattr(error, "status_code", None)
        if isinstance(status, int):
            return from_status(status, said, provider=PROVIDER, model=self.name)
        if isinstance(error, TimeoutError) or "timeout" in type(error).__name__.lower():
            return ProviderTimeout(f"{self.name} took too long: {said}", provider=PROVIDER, model=self.name)
        return ProviderUnavailable(f"{self.name} failed: {said}", provider=PROVIDER, model=self.name)


def to_langchain(messages: Sequence[Message]) -> list[Any]:
    """Messages in LangChain's classes. Raises `ImportError` without langchain-core."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    out: list[Any] = []
    waiting: list[tuple[str, str]] = []
    for number, message in enumerate(messages):
        if message.role == "system":
            out.append(SystemMessage(message.content))
        elif message.role == "user":
            out.append(HumanMessage(message.content))
        elif message.role == "assistant":
            calls = [
                {"name": call.name, "args": dict(call.arguments), "id": call.id or f"call_{number}_{at}"}
                for at, call in enumerate(message.tool_calls)
            ]
            waiting += [(str(call["name"]), str(call["id"])) for call in calls]
            out.append(AIMessage(message.content, tool_calls=calls))
        else:
            found = next((pair for pair in waiting if pair[0] == message.tool_name), ("", "call_0"))
            waiting = [pair for pair in waiting if pair != found]
            out.append(ToolMessage(message.content, tool_call_id=found[1], name=message.tool_name))
    return out


def _text(content: Any) -> str:
    """The text of a chunk, whose content is a string or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = (block if isinstance(block, str) else block.get("text", "") for block in content or ())
    return "".join(str(block) for block in blocks)


def _last(whole: Any) -> Delta:
    calls = tuple(
        ToolCall(call["name"], dict(call["args"]), id=call.get("id") or f"call_{number}")
        for number, call in enumerate(getattr(whole, "tool_calls", None) or (), start=1)
    )
    used = getattr(whole, "usage_metadata", None) or {}
    told = getattr(whole, "response_metadata", None) or {}
    reason = told.get("finish_reason") or told.get("stop_reason") or ("tool_calls" if calls else "stop")
    usage = Usage(used.get("input_tokens"), used.get("output_tokens"))
    return Delta(tool_calls=calls, done=True, finish_reason=str(reason), usage=usage)
