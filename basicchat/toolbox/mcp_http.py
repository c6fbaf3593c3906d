"""Serves the toolbox by the Model Context Protocol over HTTP: on this machine alone, to whoever shows the token."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from basicchat.toolbox.box import Toolbox
from basicchat.toolbox.mcp_server import server_of

HOST = "127.0.0.1"
MOST_SESSIONS = 20
MOST_BODY = 1_000_000
"""Bytes of a request."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TokenGate:
    """Lets a request pass that shows ``Authorization: Bearer token``; any other is answered 401, unread."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the beginning and end of the server."""
        if scope["type"] == "http":
            shown = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            if not secrets.compare_digest(shown, self._wanted):
                headers = [(b"content-length", b"0"), (b"www-authenticate", b"Bearer")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        elif scope["type"] != "lifespan":
            return
        await self._app(scope, receive, send)


def app_of(box: Toolbox, *, version: str, token: str) -> TokenGate:
    """The server as an ASGI application, at ``/mcp``. Other pages in a browser cannot ask it: Host and Origin are
    checked.
    """
    server = server_of(box, version=version)
    return TokenGate(
        server.streamable_http_app(host=HOST, max_sessions=MOST_SESSIONS, max_request_body_size=MOST_BODY), token
    )


def token_in(file: Path) -> str:
    """The token that is kept in a file which nobody else may read; made where there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8").strip()
