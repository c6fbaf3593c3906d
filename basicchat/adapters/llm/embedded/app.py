"""Ollama's API as a web application. Every answer is JSON; streams are one JSON object a line."""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from basicchat.adapters.llm.connection import REUSED_HEADER
from basicchat.adapters.llm.embedded.engine import Engine, UnknownModel
from basicchat.adapters.llm.embedded.llama import LlamaError
from basicchat.adapters.llm.embedded.notation import BadRequest, End, Piece, chat_out, generate_out, now, tag_out
from basicchat.adapters.llm.embedded.notation import details_out as details

T = TypeVar("T")
Line = dict[str, Any]
Writer = Callable[[str, Piece | End], Line]

_MISSING = "pull model manifest: file does not exist"


def application(engine: Engine, *, token: str, version: str) -> ASGIApp:
    """The web application. Callers must bring the token."""
    api = _Api(engine, version=version)
    routes = [
        Route("/", api.hello),
        Route("/api/version", api.version),
        Route("/api/tags", api.tags),
        Route("/api/ps", api.ps),
        Route("/api/show", api.show, methods=["POST"]),
        Route("/api/chat", api.chat, methods=["POST"]),
        Route("/api/generate", api.generate, methods=["POST"]),
        Route("/api/embed", api.embed, methods=["POST"]),
        Route("/api/tokenize", api.tokenize, methods=["POST"]),
        Route("/api/register", api.register, methods=["POST"]),
        Route("/api/pull", api.pull, methods=["POST"]),
        Route("/api/delete", api.delete, methods=["DELETE"]),
    ]
    handlers: dict[Any, Any] = {
        UnknownModel: _failed(404),
        BadRequest: _failed(400),
        LlamaError: _failed(500),
        ClientDisconnect: _failed(499),
    }
    return _TokenGate(Starlette(routes=routes, exception_handlers=handlers), token)


class _TokenGate:
    """Lets only callers with the token through."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers") or ())
        if scope["type"] == "http" and not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            await JSONResponse({"error": "unauthorized"}, status_code=401)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _failed(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def respond(_request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=getattr(error, "status", status))

    return respond


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise BadRequest(f"invalid JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("expected a JSON object")
    return body


async def _unless_hung_up(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is given up when the client hangs up first."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, watching = asyncio.ensure_future(work), asyncio.ensure_future(hung_up())
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, watching):
            task.cancel()
            with suppress(asyncio.CancelledError):
                if not task.done():
                    await task


def _ndjson(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


class _NdjsonResponse(StreamingResponse):
    """A stream of lines whose source is closed as soon as the client has hung up."""

    media_type = "application/x-ndjson"

    def __init__(self, first: Line, rest: AsyncGenerator[Line], headers: Mapping[str, str]) -> None:
        super().__init__(self._bytes(first, rest), headers=headers)
        self._rest = rest

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._rest):
            await super().stream_response(send)

    @staticmethod
    async def _bytes(first: Line, rest: AsyncGenerator[Line]) -> AsyncIterator[bytes]:
        yield _ndjson(first)
        try:
            async for line in rest:
                yield _ndjson(line)
        except LlamaError as error:
            # The status has left already; an error line is how Ollama does it too.
            yield _ndjson({"error": str(error)})


class _Api:
    def __init__(self, engine: Engine, *, version: str) -> None:
        self._engine = engine
        self._version = version

    async def hello(self, _request: Request) -> Response:
        return Response("BasicChat's embedded model server is running", media_type="text/plain")

    async def version(self, _request: Request) -> Response:
        return JSONResponse({"version": self._version})

    async def tags(self, _request: Request) -> Response:
        return JSONResponse({"models": [tag_out(name, file) for name, file in self._engine.shelf()]})

    async def ps(self, _request: Request) -> Response:
        models = []
        for plan, file, expires in self._engine.running():
            until = datetime.fromtimestamp(min(expires, time.time() + 1e9), UTC) if expires else datetime.now(UTC)
            line = tag_out(plan.name, file) | {"size_vram": 0, "context_length": plan.window}
            models.append(line | {"expires_at": until.isoformat()})
        return JSONResponse({"models": models})

    async def show(self, request: Request) -> Response:
        body = await _body(request)
        _, file = self._engine.file(str(body.get("model") or body.get("name") or ""))
        info = {key: value for key, value in file.metadata.items() if key != "tokenizer.chat_template"}
        return JSONResponse(
            {
                "license": str(file.metadata.get("general.license", "")),
                "modelfile": "",
                "parameters": "",
                "template": file.template,
                "details": details(file),
                "model_info": {key: value for key, value in info.items() if not _unspeakable(value)},
                "capabilities": file.capabilities,
                "modified_at": tag_out("", file)["modified_at"],
            }
        )

    async def chat(self, request: Request) -> Response:
        body = await _body(request)
        if not body.get("messages"):
            return await self._loaded(body, chat_out)
        return await self._reply(request, body, self._engine.chat(body), chat_out)

    async def generate(self, request: Request) -> Response:
        body = await _body(request)
        if not body.get("prompt"):
            return await self._loaded(body, generate_out)
        if body.get("raw"):
            return await self._reply(request, body, self._engine.complete(body), generate_out)
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        asked = {**body, "messages": [*system, {"role": "user", "content": body["prompt"]}], "tools": None}
        return await self._reply(request, body, self._engine.chat(asked), generate_out)

    async def _loaded(self, body: Line, write: Writer) -> Response:
        await self._engine.load(body)
        reason = "unload" if body.get("keep_alive") in {0, "0"} else "load"
        return JSONResponse(write(str(body.get("model")), End(reason)))

    async def _reply(
        self, request: Request, body: Line, events: AsyncGenerator[Piece | End], write: Writer
    ) -> Response:
        lines = _written(str(body.get("model")), events, write)
        if body.get("stream") is False:
            return JSONResponse(await _unless_hung_up(request, _whole(lines)))
        # The first piece is awaited before any header leaves, so that an error still has its own status.
        first = await _unless_hung_up(request, _next(events))
        headers = {REUSED_HEADER: str(first.reused)}
        return _NdjsonResponse(write(str(body.get("model")), first), lines, headers)

    async def embed(self, request: Request) -> Response:
        body = await _body(request)
        begun = time.monotonic_ns()
        vectors, tokens, loaded = await _unless_hung_up(request, self._engine.embed(body))
        return JSONResponse(
            {
                "model": body.get("model"),
                "embeddings": vectors,
                "total_duration": time.monotonic_ns() - begun,
                "load_duration": int(loaded * 1e9),
                "prompt_eval_count": tokens,
            }
        )

    async def tokenize(self, request: Request) -> Response:
        """Not part of Ollama's API: counts the tokens of a chat prompt before it is sent."""
        return JSONResponse({"count": await self._engine.count(await _body(request))})

    async def register(self, request: Request) -> Response:
        """Not part of Ollama's API: the owner of this server tells it of model files that arrived."""
        body = await _body(request)
        self._engine.add({str(name): Path(str(path)) for name, path in dict(body.get("models") or {}).items()})
        return JSONResponse({})

    async def pull(self, request: Request) -> Response:
        """Models come through the model store, so this only says whether one is there."""
        body = await _body(request)
        name = str(body.get("model") or body.get("name") or "")
        try:
            _, file = self._engine.file(name)
        except UnknownModel:
            line = {"error": _MISSING}
            return JSONResponse(line, status_code=500 if body.get("stream") is False else 200)
        if body.get("stream") is False:
            return JSONResponse({"status": "success"})
        layer = {"digest": f"sha256:{file.digest}", "total": file.size, "completed": file.size}
        steps: list[Line] = [{"status": "pulling manifest"}, {"status": f"pulling {file.digest[:12]}", **layer}]
        lines = b"".join(map(_ndjson, [*steps, {"status": "success"}]))
        return Response(lines, media_type="application/x-ndjson")

    async def delete(self, request: Request) -> Response:
        body = await _body(request)
        self._engine.delete(str(body.get("model") or body.get("name") or ""))
        return Response(status_code=200)


async def _written(name: str, events: AsyncGenerator[Piece | End], write: Writer) -> AsyncGenerator[Line]:
    async with aclosing(events):
        async for event in events:
            yield write(name, event)


async def _next(events: AsyncGenerator[Piece | End]) -> Piece | End:
    return await anext(events)


def _unspeakable(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


async def _whole(lines: AsyncIterator[Line]) -> Line:
    """A stream joined into the one object that ``stream: false`` asks for."""
    text: dict[str, str] = {"content": "", "thinking": "", "response": ""}
    calls: list[Any] = []
    last: Line = {"created_at": now()}
    async for line in lines:
        message = line.get("message") or {}
        for name in ("content", "thinking"):
            text[name] += message.get(name) or ""
        text["response"] += line.get("response") or ""
        calls += message.get("tool_calls") or []
        last = line
    if "response" in last:
        return last | {"response": text["response"]}
    extra = {"thinking": text["thinking"]} if text["thinking"] else {}
    extra |= {"tool_calls": calls} if calls else {}  # type: ignore[dict-item]
    return last | {"message": {"role": "assistant", "content": text["content"], **extra}}
