"""A real HTTP server on this machine that goes wrong on purpose, for tests of what clients make of it."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Literal, Self

Misbehaviour = Literal[
    "none", "hang", "hang-later", "cut", "end-early", "garbage", "garbage-json", "error-line", "truncate", "status"
]


class FaultyServer:
    """Speaks enough of Ollama's and OpenAI's chat APIs to disappoint. Use as a context manager.

    ``misbehaviour`` may be changed between calls: ``hang`` says nothing; ``hang-later`` stops after a word; ``cut``
    resets the connection after a word; ``end-early`` ends the stream politely before it is done; ``garbage`` and
    ``garbage-json`` answer bytes and JSON that are no reply; ``error-line`` reports an error inside the stream;
    ``truncate`` claims to have read 10 tokens of the prompt; ``status`` answers ``status`` with Ollama's error body.
    ``hung_up`` is set once a client closed a connection that hung. With ``lists``, names of models, lists are always
    answered well, and only chats go wrong. ``sees`` says that its models do.
    """

    def __init__(
        self, misbehaviour: Misbehaviour = "none", *, status: int = 500, lists: Sequence[str] = (), sees: bool = False
    ) -> None:
        self.misbehaviour: Misbehaviour = misbehaviour
        self.status = status
        self.lists = tuple(lists)
        self.capabilities = ["completion", "vision"] if sees else ["completion"]
        self.requests: list[tuple[str, Any]] = []
        self.hung_up = Event()
        self.over = Event()
        self._http = _QuietServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            owner = server

        return Handler


def refused_url() -> str:
    """An address on this machine where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up: that is what they are made to do."""


class _Handler(BaseHTTPRequestHandler):
    owner: FaultyServer

    def do_GET(self) -> None:
        """Version and lists."""
        answer = {"version": "0.0.0", "models": [{"model": name} for name in self.owner.lists]}
        if self.owner.lists:
            self._json(200, answer)
        else:
            self._misbehave(answer)

    def do_POST(self) -> None:
        """Chats; whatever else is asked for does not exist here."""
        length = int(self.headers.get("Content-Length") or 0)
        self.owner.requests.append((self.path, json.loads(self.rfile.read(length) or b"{}")))
        if self.path == "/api/chat":
            self._misbehave(_OLLAMA_END, word=_OLLAMA_WORD)
        elif self.path.endswith("/chat/completions"):
            self._misbehave(_OPENAI_END, word=_OPENAI_WORD, prefix=b"data: ")
        elif self.path == "/api/show":
            self._json(200, {"model_info": {"fake.context_length": 4096}, "capabilities": self.owner.capabilities})
        else:
            self._plain(404, b"404 page not found")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing on standard error."""

    def _misbehave(self, end: dict[str, Any], *, word: dict[str, Any] | None = None, prefix: bytes = b"") -> None:
        fault = self.owner.misbehaviour
        if fault == "hang":
            self._wait_for_hang_up()
        elif fault == "status":
            self._json(self.owner.status, {"error": f"made to fail with {self.owner.status}"})
        elif fault == "garbage":
            self._plain(200, b"\x00\x01<html>certainly not JSON\n")
        elif fault == "garbage-json":
            self._plain(200, prefix + b'["a", "list"]\n')
        elif word is None:
            self._json(200, end)
        else:
            self._stream(fault, word, end, prefix)

    def _stream(self, fault: Misbehaviour, word: dict[str, Any], end: dict[str, Any], prefix: bytes) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self._line(prefix, word)
        if fault == "hang-later":
            self._wait_for_hang_up()
        elif fault == "cut":
            self._reset()
        elif fault == "error-line":
            self._line(prefix, {"error": "llama runner process has terminated"})
        elif fault != "end-early":
            self._line(prefix, end | ({"prompt_eval_count": 10} if fault == "truncate" else {}))

    def _line(self, prefix: bytes, value: dict[str, Any]) -> None:
        self.wfile.write(prefix + json.dumps(value).encode() + b"\n" + (b"\n" if prefix else b""))
        self.wfile.flush()

    def _wait_for_hang_up(self) -> None:
        self.connection.settimeout(0.05)
        while not self.owner.over.is_set():
            try:
                gone = not self.connection.recv(1)
            except TimeoutError:
                continue
            except OSError:
                gone = True
            if gone:
                self.owner.hung_up.set()
                break
        self.close_connection = True

    def _reset(self) -> None:
        """Close with a reset, as a killed process on a busy machine does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.close()
        self.connection.close()
        self.close_connection = True

    def _plain(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _json(self, status: int, value: Any) -> None:
        self._plain(status, json.dumps(value).encode())


_OLLAMA_WORD = {"model": "m", "message": {"role": "assistant", "content": "Hello"}, "done": False}
_OLLAMA_END = {
    "model": "m",
    "message": {"role": "assistant", "content": ""},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 400,
    "eval_count": 1,
}
_OPENAI_WORD = {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": None}]}
_OPENAI_END = {
    "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 400, "completion_tokens": 1},
}
