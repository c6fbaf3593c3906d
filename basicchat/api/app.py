"""The owner's endpoint: loopback only, one token, made for commands of the same user."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from basicchat.adapters.owner.wire import error_to_json
from basicchat.api import operations
from basicchat.core.errors import BasicChatError
from basicchat.core.types import Json
from basicchat.service.assistant import Assistant
from basicchat.telemetry import log

STREAMS: dict[str, Callable[[Assistant, dict[str, Json]], Iterator[Json]]] = {
    "stream": operations.stream_answer,
    "library.ingest": operations.stream_ingest,
    "folders.sync": operations.stream_sync,
    "quality.check": operations.stream_check,
}


def create(assistant: Callable[[], Assistant], token: str) -> FastAPI:
    """The endpoint over the assistant that ``assistant()`` gives; every route wants ``Authorization: Bearer token``."""

    async def authenticated(authorization: str = Header(default="")) -> None:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(status_code=401)

    app = FastAPI(title="BasicChat owner", openapi_url=None, dependencies=[Depends(authenticated)])

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/call/{operation}")
    def call(operation: str, arguments: dict[str, Any]) -> JSONResponse:
        try:
            return JSONResponse({"result": operations.call(assistant(), operation, arguments)})
        except BasicChatError as error:
            return JSONResponse({"error": error_to_json(error)})
        except Exception as error:  # noqa: BLE001 - the edge of the process: told and logged
            return JSONResponse({"error": error_to_json(_internal(operation, error))})

    @app.post("/stream/{operation}")
    async def stream(operation: str, arguments: dict[str, Any], request: Request) -> StreamingResponse:
        if operation not in STREAMS:
            raise HTTPException(status_code=404)
        lines = _lines(operation, assistant, arguments)
        return StreamingResponse(_closing(lines, request), media_type="application/x-ndjson")

    return app


def _lines(operation: str, assistant: Callable[[], Assistant], arguments: dict[str, Json]) -> Iterator[str]:
    try:
        for item in STREAMS[operation](assistant(), arguments):
            yield json.dumps({"result": item}, ensure_ascii=False) + "\n"
    except BasicChatError as error:
        yield json.dumps({"error": error_to_json(error)}, ensure_ascii=False) + "\n"
    except Exception as error:  # noqa: BLE001 - the edge of the process: told and logged
        yield json.dumps({"error": error_to_json(_internal(operation, error))}, ensure_ascii=False) + "\n"


def _internal(operation: str, error: Exception) -> BasicChatError:
    """The error for a fault that nobody foresaw, which is in the log now."""
    log.logger("api").error("call failed", operation=operation, exc_info=error)
    return BasicChatError(f"Something went wrong inside BasicChat: {type(error).__name__}: {error}")


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
