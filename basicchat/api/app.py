"""The owner's endpoint: loopback only, one token, made for commands of the same user."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import structlog
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from basicchat.adapters.owner.wire import error_to_json
from basicchat.api import operations
from basicchat.core.errors import BasicChatError
from basicchat.core.types import Json
from basicchat.service.assistant import Assistant

log = structlog.get_logger(__name__)

STREAMS: dict[str, Callable[[Assistant, dict[str, Json]], Iterator[Json]]] = {
    "stream": operations.stream_answer,
    "library.ingest": operations.stream_ingest,
}


def create(assistant: Callable[[], Assistant], token: str) -> FastAPI:
    """The endpoint over the assistant that ``assistant()`` gives; every route wants ``Authorization: Bearer token``."""

    def authenticated(authorization: str = Header(default="")) -> None:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(status_code=401)

    app = FastAPI(title="BasicChat owner", openapi_url=None, dependencies=[Depends(authenticated)])

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/call/{operation}")
    def call(operation: str, arguments: dict[str, Any]) -> JSONResponse:
        try:
            return JSONResponse({"result": operations.call(assistant(), operation, arguments)})
        except BasicChatError as error:
            return JSONResponse({"error": error_to_json(error)})

    @app.post("/stream/{operation}")
    async def stream(operation: str, arguments: dict[str, Any], request: Request) -> StreamingResponse:
        if operation not in STREAMS:
            raise HTTPException(status_code=404)
        lines = _lines(STREAMS[operation], assistant, arguments)
        return StreamingResponse(_closing(lines, request), media_type="application/x-ndjson")

    return app


def _lines(
    operation: Callable[[Assistant, dict[str, Json]], Iterator[Json]],
    assistant: Callable[[], Assistant],
    arguments: dict[str, Json],
) -> Iterator[str]:
    try:
        for item in operation(assistant(), arguments):
            yield json.dumps({"result": item}, ensure_ascii=False) + "\n"
    except BasicChatError as error:
        yield json.dumps({"error": error_to_json(error)}, ensure_ascii=False) + "\n"


async def _closing(lines: Iterator[str], request: Request) -> AsyncIterator[str]:
    """Pull a plain iterator in a thread, and close it when the caller hangs up, so that work stops."""
    end = object()
    try:
        while not await request.is_disconnected():
            line = await asyncio.to_thread(next, lines, end)
            if line is end:
                return
            yield str(line)
    finally:
        await asyncio.shield(asyncio.to_thread(lines.close))  # type: ignore[attr-defined]
