"""A model in memory: llama.cpp, spoken to over the loopback listener it brings.

Its HTTP side is used instead of its direct calls because only there a client that hangs up stops the work,
even while the prompt is still being read.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

Purpose = Literal["chat", "embed"]

PROMPT_BATCH = 256  # tokens between two looks at whether the client is still there: a few seconds on a slow laptop
EMBED_WINDOW = 2048  # an embedding is computed in one batch, whose buffers grow with it
PROMPT_CACHE_MIB = 256  # prefixes of other conversations that are kept


class LlamaError(Exception):
    """llama.cpp refused or failed; ``status`` is what HTTP calls it."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Plan:
    """What to load and how."""

    name: str
    path: Path
    purpose: Purpose
    window: int
    threads: int


class Llama:
    """A loaded model. Loading happens in the constructor and takes seconds, during which nothing else can run:
    the binding holds the interpreter.
    """

    def __init__(self, plan: Plan) -> None:
        import xllamacpp

        self.plan = plan
        self._key = secrets.token_hex(16)
        begun = time.monotonic()
        try:
            self._server = xllamacpp.Server(self._parameters(xllamacpp))
        except RuntimeError as error:
            raise LlamaError(f"llama.cpp cannot load {plan.path.name}: {error}") from error
        self.load_seconds = time.monotonic() - begun
        self._http = httpx.AsyncClient(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=None,  # noqa: S113 - the client of this process decides how long to wait, and hangs up
            trust_env=False,
            # llama.cpp closes a connection after its hundredth request without a word, so each gets its own.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def _parameters(self, xllamacpp: Any) -> Any:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self.plan.path)
        parameters.n_ctx = self.plan.window
        parameters.n_parallel = 1
        parameters.n_batch = parameters.n_ubatch = PROMPT_BATCH
        parameters.cpuparams.n_threads = self.plan.threads
        # Every core reads the prompt: on two cores 140 tokens a second against 72, and 60 against 77 while another
        # program keeps one of them busy. Words come one by one, where waiting for each other costs more.
        parameters.cpuparams_batch.n_threads = max(self.plan.threads, os.cpu_count() or 1)
        parameters.cache_ram_mib = PROMPT_CACHE_MIB
        parameters.ctx_shift = False
        parameters.warmup = False
        parameters.use_jinja = True
        parameters.ui = False
        parameters.hostnames = ["127.0.0.1"]
        parameters.api_keys = [self._key]
        parameters.verbosity = 1
        if self.plan.purpose == "embed":
            parameters.embedding = True
            parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
            parameters.n_batch = parameters.n_ubatch = self.plan.window
        return parameters

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer. Raises `LlamaError`."""
        with _talking():
            response = await self._http.post(path, json=body)
        _check(response)
        answer: dict[str, Any] = response.json()
        return answer

    async def stream(self, path: str, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any]]:
        """Chunks of a streamed reply. Closing it stops the generation. Raises `LlamaError`."""
        with _talking():
            async with self._http.stream("POST", path, json={**body, "stream": True}) as response:
                if response.is_error:
                    await response.aread()
                _check(response)
                async for line in response.aiter_lines():
                    if not line.startswith("data: ") or line == "data: [DONE]":
                        continue
                    chunk: dict[str, Any] = json.loads(line[6:])
                    if "error" in chunk:
                        raise _error(chunk["error"], 500)
                    yield chunk

    def unload(self) -> None:
        """Free the memory."""
        del self._server


@contextmanager
def _talking() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise LlamaError(f"llama.cpp broke off: {error}") from error


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = response.text
    raise _error(error, response.status_code)


def _error(error: Any, status: int) -> LlamaError:
    if not isinstance(error, dict):
        return LlamaError(str(error), status)
    if error.get("type") == "exceed_context_size_error":
        needed, window = error.get("n_prompt_tokens"), error.get("n_ctx")
        return LlamaError(f"the prompt has {needed} tokens and the context window (num_ctx) is {window}", 400)
    return LlamaError(str(error.get("message", error)), int(error.get("code", status)))
