"""Which models are in memory, and what is asked of them. Runs inside the server's event loop."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from basicchat.adapters.llm.embedded.gguf import ModelFile, read_model_file
from basicchat.adapters.llm.embedded.llama import EMBED_WINDOW, Llama, LlamaError, Plan, Purpose
from basicchat.adapters.llm.embedded.notation import (
    BadRequest,
    End,
    Piece,
    keep_alive_seconds,
    messages_in,
    response_format,
    sampling,
    tool_names,
)
from basicchat.adapters.llm.embedded.replies import Reply

Request = Mapping[str, Any]

LOGPROBS = ("logprobs", "top_logprobs")
"""Fields of a request that llama.cpp reads as Ollama does."""


class UnknownModel(Exception):
    """There is no model of this name; the text is Ollama's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"model '{name}' not found")


@dataclass
class Resident:
    """A model in memory: how many calls use it now, and when it goes (`time.time`, infinity for never)."""

    llama: Llama
    uses: int = 0
    expires: float = math.inf
    timer: asyncio.TimerHandle | None = None
    idle: asyncio.Event = field(default_factory=asyncio.Event)


class Engine:
    """Holds at most one model to chat and one to embed with, each as long as its last caller wished."""

    def __init__(self, models: Mapping[str, Path], *, threads: int, window: int) -> None:
        self._paths = dict(models)
        self._threads = threads
        self._window = window
        self._residents: dict[Purpose, Resident] = {}

    # ------------------------------------------------------------ the shelf

    def add(self, models: Mapping[str, Path]) -> None:
        """Learn of more models."""
        self._paths |= models

    def file(self, name: str) -> tuple[str, ModelFile]:
        """The name as it is known here, and its file; ``:latest`` may be left out or added. Raises `UnknownModel`."""
        known = next((key for key in (name, name.removesuffix(":latest"), f"{name}:latest") if key in self._paths), "")
        path = self._paths.get(known)
        if path is None or not path.is_file():
            raise UnknownModel(name)
        return known, read_model_file(path)

    def shelf(self) -> list[tuple[str, ModelFile]]:
        """Every model whose file is there."""
        return [self.file(name) for name, path in sorted(self._paths.items()) if path.is_file()]

    def delete(self, name: str) -> None:
        """Forget a model and its memory. The file stays: it belongs to the model store."""
        known, _ = self.file(name)
        self.unload(known)
        del self._paths[known]

    # ------------------------------------------------------------ memory

    def running(self) -> list[tuple[Plan, ModelFile, float]]:
        """What is in memory, and when each goes."""
        return [
            (resident.llama.plan, self.file(resident.llama.plan.name)[1], resident.expires)
            for resident in self._residents.values()
        ]

    def unload(self, name: str) -> None:
        """Free a model that nobody uses; one in use goes when its last call ends."""
        for resident in list(self._residents.values()):
            if resident.llama.plan.name == name:
                resident.expires = 0.0
                self._expire(resident)

    def plan(self, request: Request, purpose: Purpose) -> Plan:
        """What a request wants in memory. A window beyond what the model was trained for is cut to that.

        A request that names no window takes the model as it is in memory.
        """
        known, file = self.file(str(request.get("model") or ""))
        here = self._residents.get(purpose)
        wanted = (request.get("options") or {}).get("num_ctx")
        if wanted is None and here is not None and here.llama.plan.name == known:
            return here.llama.plan
        window = min(int(wanted or self._window), file.trained_window or int(wanted or self._window))
        if purpose == "embed":
            window = min(window, EMBED_WINDOW)
        return Plan(known, file.path, purpose, max(16, window), self._threads)

    @asynccontextmanager
    async def resident(self, plan: Plan, keep_alive: float) -> AsyncIterator[tuple[Llama, float]]:
        """The model in memory for one call, and the seconds it took to load it (0 if it was there)."""
        while (here := self._residents.get(plan.purpose)) is not None and here.llama.plan != plan:
            if here.uses == 0:
                self._drop(here)
            else:
                here.idle.clear()
                await here.idle.wait()
        loaded = 0.0
        if here is None:
            # Nothing can interleave between the look above and here: loading does not yield to the event loop.
            here = self._residents[plan.purpose] = Resident(Llama(plan))
            loaded = here.llama.load_seconds
        here.uses += 1
        try:
            yield here.llama, loaded
        finally:
            here.uses -= 1
            self._keep(here, keep_alive)

    def _keep(self, resident: Resident, seconds: float) -> None:
        if resident.timer is not None:
            resident.timer.cancel()
            resident.timer = None
        if resident.expires != 0.0:
            resident.expires = math.inf if seconds < 0 else time.time() + seconds
        if seconds >= 0 or resident.expires == 0.0:
            delay = 0.0 if resident.expires == 0.0 else seconds
            resident.timer = asyncio.get_running_loop().call_later(delay, self._expire, resident)
        if resident.uses == 0:
            resident.idle.set()

    def _expire(self, resident: Resident) -> None:
        if resident.uses == 0 and resident.expires <= time.time() + 0.01:
            self._drop(resident)

    def _drop(self, resident: Resident) -> None:
        purpose = resident.llama.plan.purpose
        if self._residents.get(purpose) is resident:
            del self._residents[purpose]
            if resident.timer is not None:
                resident.timer.cancel()
            resident.llama.unload()

    # ------------------------------------------------------------ work

    async def load(self, request: Request) -> None:
        """Bring a model into memory, or out of it with ``keep_alive`` 0."""
        plan = self.plan(request, "chat")
        keep_alive = keep_alive_seconds(request.get("keep_alive"))
        if keep_alive == 0:
            self.unload(plan.name)
            return
        async with self.resident(plan, keep_alive):
            pass

    async def chat(self, request: Request) -> AsyncGenerator[Piece | End]:
        """A reply, piece by piece. Raises `UnknownModel`, `BadRequest`, `LlamaError`."""
        begun = time.monotonic_ns()
        tools = request.get("tools") or None
        reply = Reply(tool_names(tools))
        body = {
            "messages": messages_in(request.get("messages")),
            **({"tools": tools} if tools else {}),
            **sampling(dict(request.get("options") or {})),
            **response_format(request.get("format")),
            **{name: request[name] for name in LOGPROBS if request.get(name)},
            "cache_prompt": True,
            "stream_options": {"include_usage": True},
            "timings_per_token": True,
        }
        async with self.resident(self.plan(request, "chat"), keep_alive_seconds(request.get("keep_alive"))) as (
            llama,
            loaded,
        ):
            async with aclosing(llama.stream("/v1/chat/completions", body)) as chunks:
                async for chunk in chunks:
                    for piece in reply.take(chunk):
                        yield piece
            for piece in reply.rest():
                yield piece
            yield reply.end(load_seconds=loaded, total_nanoseconds=time.monotonic_ns() - begun)

    async def complete(self, request: Request) -> AsyncGenerator[Piece | End]:
        """A continuation of a raw prompt, without any template."""
        begun = time.monotonic_ns()
        reply = Reply(())
        body = {
            "prompt": str(request.get("prompt") or ""),
            **sampling(dict(request.get("options") or {})),
            **response_format(request.get("format")),
            "cache_prompt": True,
            "stream_options": {"include_usage": True},
            "timings_per_token": True,
        }
        async with self.resident(self.plan(request, "chat"), keep_alive_seconds(request.get("keep_alive"))) as (
            llama,
            loaded,
        ):
            async with aclosing(llama.stream("/v1/completions", body)) as chunks:
                async for chunk in chunks:
                    for piece in reply.take(chunk):
                        yield piece
            yield reply.end(load_seconds=loaded, total_nanoseconds=time.monotonic_ns() - begun)

    async def count(self, request: Request) -> int:
        """Tokens of the prompt that `chat` would send, template and tools included."""
        body: dict[str, Any] = {"messages": messages_in(request.get("messages"))}
        if request.get("tools"):
            body["tools"] = request["tools"]
        async with self.resident(self.plan(request, "chat"), keep_alive_seconds(request.get("keep_alive"))) as (
            llama,
            _,
        ):
            answer = await llama.post("/v1/chat/completions/input_tokens", body)
        return int(answer["input_tokens"])

    async def embed(self, request: Request) -> tuple[list[list[float]], int, float]:
        """Unit vectors of the inputs, the tokens they have, and the seconds it took to load the model."""
        wanted = request.get("input")
        texts = [wanted] if isinstance(wanted, str) else list(wanted or ())
        if not all(isinstance(text, str) for text in texts):
            raise BadRequest("invalid input type")
        plan = self.plan(request, "embed")
        async with self.resident(plan, keep_alive_seconds(request.get("keep_alive"))) as (llama, loaded):
            rows = [await self._tokens(llama, text, cut=request.get("truncate") is not False) for text in texts]
            data = (await llama.post("/v1/embeddings", {"input": rows}))["data"] if rows else []
        ordered = sorted(data, key=lambda item: int(item["index"]))
        return [item["embedding"] for item in ordered], sum(map(len, rows)), loaded

    async def _tokens(self, llama: Llama, text: str, *, cut: bool) -> list[int]:
        body = {"content": text, "add_special": True}
        tokens: list[int] = (await llama.post("/tokenize", body))["tokens"]
        room = llama.plan.window - 1
        if len(tokens) > room and not cut:
            raise LlamaError(f"the input has {len(tokens)} tokens, more than the context length {room}", 400)
        return tokens[:room]
