"""A real web server on this machine for tests of fetching: it serves bytes with ranges, and misbehaves on demand."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True, slots=True)
class Fault:
    """How to misbehave, once. ``cut_after`` counts bytes of the body; ``claim`` is a false Content-Length."""

    status: int = 0
    location: str = ""
    cut_after: int | None = None
    claim: int | None = None
    ignore_range: bool = False
    hold: threading.Event | None = None
    """The rest of the body is sent when this is set."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: the path, the first byte wanted, and the header lines by lower-case name."""

    path: str
    offset: int
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes = b""


class FileServer:
    """Serves ``files`` by path; a context manager. ``faults[path]`` are used up first, one a request.

    A path with a question mark that nobody put here is that before the question mark.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.packed: dict[str, str] = {}
        """The Content-Encoding of a path."""
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[Request] = []
        self.asked = threading.Semaphore(0)
        """Released once for every request that came in."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The address of the root, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def offsets(self, path: str) -> list[int]:
        """The first bytes wanted of a path, in the order of the requests."""
        return [request.offset for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(owner: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        sent = b""

        def do_POST(self) -> None:
            self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - names of the library

        def do_GET(self) -> None:
            if self.path not in owner.files and self.path not in owner.faults:
                self.path = self.path.partition("?")[0]
            wanted = RANGE.match(self.headers.get("Range", ""))
            offset = int(wanted[1]) if wanted else 0
            owner.requests.append(
                Request(
                    self.path,
                    offset,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.command,
                    self.sent,
                )
            )
            self.sent = b""
            waiting = owner.faults.get(self.path, [])
            fault = waiting.pop(0) if waiting else Fault()
            owner.asked.release()
            _answer(self, owner, fault, offset)

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    return Handler


def _answer(handler: BaseHTTPRequestHandler, owner: FileServer, fault: Fault, offset: int) -> None:
    body = owner.files.get(handler.path)
    if fault.status or body is None:
        _headers(handler, fault.status or 404, {"Location": fault.location} if fault.location else {}, 0)
        return
    kind = {"Content-Type": owner.types.get(handler.path, "application/octet-stream")}
    if handler.path in owner.packed:
        kind["Content-Encoding"] = owner.packed[handler.path]
    start = 0 if fault.ignore_range else offset
    if start and start >= len(body):
        _headers(handler, 416, {"Content-Range": f"bytes */{len(body)}"}, 0)
        return
    part = body[start:]
    if start:
        kind["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
    _headers(handler, 206 if start else 200, kind, len(part) if fault.claim is None else fault.claim)
    _body(handler, part, fault)


def _body(handler: BaseHTTPRequestHandler, part: bytes, fault: Fault) -> None:
    cut = len(part) if fault.cut_after is None else fault.cut_after
    try:
        handler.wfile.write(part[:cut])
        handler.wfile.flush()
        if fault.hold is not None:
            fault.hold.wait(60)
            handler.wfile.write(part[cut:])
        elif cut < len(part) or fault.claim is not None:
            handler.close_connection = True
    except OSError:
        handler.close_connection = True


def _headers(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], length: int) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
