"""Chat models of a server that speaks Ollama's API, through the official client."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from basicchat.adapters.llm.connection import (
    Connection,
    Endpoint,
    EndpointSource,
    FixedEndpoint,
    OllamaOptions,
    StreamConnection,
)
from basicchat.adapters.llm.failures import from_status, translated
from basicchat.adapters.llm.reply import ReplyStream
from basicchat.adapters.llm.wire import (
    TokenEstimate,
    alternatives_out,
    delta_in,
    message_out,
    options_out,
    prompt_characters,
    schema_out,
    tool_out,
)
from basicchat.core.types import (
    Delta,
    GenerationOptions,
    Json,
    Message,
    ModelInfo,
    Progress,
    TokenCount,
    ToolSpec,
)


class OllamaServer:
    """A server of local models. ``url`` is its address, or something that knows the address of the moment."""

    def __init__(
        self, url: str | EndpointSource, *, options: OllamaOptions | None = None, provider: str = "ollama"
    ) -> None:
        self.options = options or OllamaOptions()
        self._source = FixedEndpoint(Endpoint(url)) if isinstance(url, str) else url
        self._provider = provider
        self._lock = Lock()
        self._connection: Connection | None = None
        self._models: dict[str, OllamaChatModel] = {}

    @property
    def provider(self) -> str:
        """``ollama`` or ``embedded``."""
        return self._provider

    def connection(self) -> Connection:
        """Clients for the address of the moment."""
        address = self._source.endpoint()
        with self._lock:
            if self._connection is None or self._connection.address != address:
                self._connection = Connection(address, self.options)
            return self._connection

    def streaming(self) -> StreamConnection:
        """A connection for one streamed reply."""
        return StreamConnection(self._source.endpoint(), self.options)

    def lost(self) -> None:
        """The server hung up or could not be reached."""
        self._source.lost()

    def version(self) -> str:
        """The server's version. Raises `ProviderUnavailable`."""
        with translated(provider=self.provider, lost=self.lost):
            response = self.connection().plain.get("/api/version")
            if response.is_error:
                raise from_status(response.status_code, response.text, provider=self.provider, model="")
            return str(response.json()["version"])

    def models(self) -> list[ModelInfo]:
        """Models it can load now, each with the window that will be used."""
        with translated(provider=self.provider, lost=self.lost):
            listed = self.connection().directory.list().models
        return [self.show(model.model or "", digest=model.digest, size=model.size) for model in listed]

    def show(self, name: str, *, digest: str | None = None, size: int | None = None) -> ModelInfo:
        """One model. Raises `NotFound`."""
        with translated(provider=self.provider, model=name, lost=self.lost):
            shown = self.connection().directory.show(name)
        details: Mapping[str, Any] = shown.modelinfo or {}
        trained = [value for key, value in details.items() if key.endswith(".context_length")]
        return ModelInfo(
            name=name,
            provider=self.provider,
            context_window=min(self.options.window, *map(int, trained)) if trained else self.options.window,
            digest=digest,
            size_bytes=None if size is None else int(size),
            capabilities=frozenset(shown.capabilities or ["completion"]),
        )

    def loaded(self) -> list[str]:
        """Names of the models in memory."""
        with translated(provider=self.provider, lost=self.lost):
            running = self.connection().client.ps().models
        return list(dict.fromkeys(model.model or "" for model in running))

    def chat_model(self, name: str) -> OllamaChatModel:
        """A model of this server. Does not ask the server yet; asking twice gives the same one."""
        with self._lock:
            return self._models.setdefault(name, OllamaChatModel(name, self))

    def embed(self, name: str, texts: Sequence[str]) -> list[Sequence[float]]:
        """One vector a text, in order."""
        with translated(provider=self.provider, model=name, lost=self.lost):
            reply = self.connection().client.embed(name, list(texts), keep_alive=self.options.keep_alive)
            return list(reply.embeddings)

    def pull(self, name: str) -> Iterator[Progress]:
        """Fetch a model, telling how far each part of it is, in bytes."""
        with translated(provider=self.provider, model=name, lost=self.lost):
            for step in self.connection().client.pull(name, stream=True):
                yield Progress(step.status or "", done=step.completed or 0, total=step.total or 0, unit="bytes")

    def delete(self, name: str) -> None:
        """Forget a model. Raises `NotFound`."""
        with translated(provider=self.provider, model=name, lost=self.lost):
            self.connection().client.delete(name)

    def close(self) -> None:
        """Drop idle connections. The server itself goes on."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class OllamaChatModel:
    """One chat model of a server. May be used by several threads."""

    def __init__(self, name: str, server: OllamaServer) -> None:
        self.name = name
        self._server = server
        self._estimate = TokenEstimate()
        self._counts_exactly = True
        self._info: ModelInfo | None = None

    def info(self) -> ModelInfo:
        """Name, provider and window; asks the server once."""
        if self._info is None:
            self._info = self._server.show(self.name)
        return self._info

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """Exact where the server counts for us (the embedded one does), an estimate where it cannot."""
        if self._counts_exactly:
            counted = self._ask_count(messages)
            if counted is not None:
                return TokenCount(counted, exact=True)
            self._counts_exactly = False
        return TokenCount(self._estimate.tokens(prompt_characters(messages), len(messages)), exact=False)

    def _ask_count(self, messages: Sequence[Message]) -> int | None:
        body = {"model": self.name, "messages": [message_out(message) for message in messages]}
        server = self._server
        with translated(provider=server.provider, model=self.name, lost=server.lost):
            response = server.connection().plain.post("/api/tokenize", json=body)
            if response.is_success:
                return int(response.json()["count"])
        if response.status_code in {404, 405} and "model" not in response.text:
            return None
        raise from_status(response.status_code, response.text, provider=server.provider, model=self.name)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        options: GenerationOptions,
        tools: Sequence[ToolSpec] = (),
        schema: Mapping[str, Json] | None = None,
    ) -> ReplyStream:
        """Generate. Nothing is sent before the first delta is asked for; closing the iterator stops the server."""
        request = {
            "model": self.name,
            "messages": [message_out(message) for message in messages],
            "tools": [tool_out(tool) for tool in tools] or None,
            "format": schema_out(schema),
            "options": options_out(options),
            "keep_alive": self._server.options.keep_alive,
            "stream": True,
            **alternatives_out(options),
        }
        size = prompt_characters(messages, tools), len(messages)
        server = self._server
        return ReplyStream(
            server.streaming,
            lambda connection: self._read(connection, request, size),
            provider=server.provider,
            model=self.name,
            lost=server.lost,
        )

    def _read(self, connection: StreamConnection, request: dict[str, Any], size: tuple[int, int]) -> Generator[Delta]:
        for chunk in connection.client.chat(**request):
            delta = delta_in(chunk)
            if delta.usage is not None:
                self._estimate.learn(*size, delta.usage.prompt_tokens)
                delta = replace(delta, usage=replace(delta.usage, reused_tokens=connection.reused_tokens))
            yield delta
