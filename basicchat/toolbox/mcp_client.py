"""Tools of other programs by the Model Context Protocol.

Only programs and addresses that the owner named in the settings are asked. Every call starts the program anew and ends
it, or begins a session of its own over HTTP. Nobody knows what such a tool really does: it counts as one that writes
and reaches the network, so it asks first, and what it gives back are words of somebody else.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from basicchat.core.errors import DeadlineExceeded, InvalidInput, ProviderUnavailable, ToolDenied
from basicchat.core.tools import Part, Picture, Text, ToolInfo, Toolkit, ToolResult
from basicchat.core.types import Json
from basicchat.toolbox.check import MOST_DESCRIPTION
from basicchat.toolbox.registry import Broken, Found
from basicchat.toolbox.schema import check_arguments

if TYPE_CHECKING:
    from mcp.client import Client

T = TypeVar("T")

LIST_SECONDS = 15.0
AGAIN_SECONDS = 60.0
"""A list of tools, and a failure to get one, is believed for so long."""
MOST_TOOLS = 100
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class McpProgram:
    """A program that speaks the protocol over its standard input and output."""

    name: str
    command: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def ask(self, work: Callable[[Client], Awaitable[T]], *, seconds: float) -> T:
        """Start it, do some work with it, end it. Raises `ProviderUnavailable` or `DeadlineExceeded`."""
        from mcp.client import Client
        from mcp.client.stdio import StdioServerParameters, stdio_client

        parameters = StdioServerParameters(
            command=self.command, args=list(self.arguments), env=dict(self.environment) or None
        )

        async def main() -> T:
            with open(os.devnull, "w", encoding="utf-8") as silence:
                async with asyncio.timeout(seconds), Client(stdio_client(parameters, errlog=silence)) as client:
                    return await work(client)

        return _told(self.name, main)


@dataclass(frozen=True)
class McpAddress:
    """A server that speaks the protocol over HTTP (streamable HTTP), at an address that its owner named.

    Redirects stay within the address's origin. Plain http is for this machine alone, or where ``inside`` says that
    the server is in a network of the owner's own. ``headers`` carry a secret; ``note`` is told the host of every call.
    """

    name: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    inside: bool = False
    note: Callable[[str], None] = field(default=lambda host: None, repr=False)

    def ask(self, work: Callable[[Client], Awaitable[T]], *, seconds: float) -> T:
        """Do some work with it. Raises `ProviderUnavailable`, `DeadlineExceeded`, `ToolDenied`."""
        import httpx2
        from mcp.client import Client
        from mcp.client.streamable_http import streamable_http_client

        host = self._host()

        async def main() -> T:
            http = httpx2.AsyncClient(headers=dict(self.headers), timeout=seconds, trust_env=False)
            transport = streamable_http_client(self.address, http_client=http)
            async with asyncio.timeout(seconds), http, Client(transport) as client:
                return await work(client)

        self.note(host)
        return _told(self.name, main)

    def _host(self) -> str:
        """The host. Raises `ToolDenied` for an address that a server is not asked at."""
        try:
            parts = urlsplit(self.address)
            host, plain = (parts.hostname or "").lower(), parts.scheme == "http"
        except ValueError as error:
            raise ToolDenied(f"The address of the MCP server {self.name} makes no sense.") from error
        if not host or parts.scheme not in ("http", "https") or parts.username is not None:
            raise ToolDenied(f"The MCP server {self.name} needs an address that begins with https://.")
        if plain and not self.inside and host not in HERE:
            raise ToolDenied(
                f"The MCP server {self.name} is not asked without https.",
                hint=f"Set `inside = true` under `[tools.mcp.{self.name}]` if it is in your own network.",
            )
        return host


McpServer = McpProgram | McpAddress


def _told(name: str, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What ``main`` gives. Raises `ProviderUnavailable` or `DeadlineExceeded` in the name of the server."""
    from mcp.shared.exceptions import MCPError

    try:
        return _apart(main)
    except TimeoutError as error:
        raise DeadlineExceeded(f"The MCP server {name} takes too long.", hint="Try again later.") from error
    except (MCPError, OSError, ValueError, RuntimeError, ExceptionGroup) as error:
        raise ProviderUnavailable(
            f"The MCP server {name} cannot be used: {_first(error)}",
            provider=name,
            hint=f"Look at `[tools.mcp.{name}]` in settings.toml.",
        ) from error


def _apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it in a thread of its own: whoever calls may be inside an event loop, where no second one can run."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="mcp") as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


class McpTool:
    """A `Tool` of such a program. Its name begins with that of the program."""

    def __init__(self, program: McpServer, name: str, description: str, schema: Mapping[str, Json]) -> None:
        self._program = program
        self._name = name
        whole = json.dumps([name, description, schema], sort_keys=True)
        self._info = ToolInfo(
            name=_plain_name(f"{program.name}__{name}"),
            description=(" ".join(description.split()) or f"{name} of {program.name}")[:MOST_DESCRIPTION],
            parameters=schema,
            permissions=frozenset({"network", "write"}),
            cost="slow",
            version=f"sha256:{hashlib.sha256(whole.encode()).hexdigest()[:16]}",
            tainted=True,
        )

    @property
    def info(self) -> ToolInfo:
        """What it declares. The version is a digest of that, so a tool that has changed is asked for again."""
        return self._info

    def check(self, arguments: Mapping[str, Json]) -> None:
        """Raises `InvalidInput` for arguments that do not fit the schema of the program."""
        check_arguments(self._info, arguments)

    def run(self, arguments: Mapping[str, Json], toolkit: Toolkit) -> ToolResult:
        """Call it. Raises `InvalidInput` with the words of a tool that says it failed."""
        self.check(arguments)

        async def work(client: Client) -> Any:
            return await client.call_tool(self._name, dict(arguments))

        answer = self._program.ask(work, seconds=toolkit.seconds())
        parts = tuple(_part(each) for each in answer.content)
        if answer.is_error:
            said = " ".join(part.text for part in parts if isinstance(part, Text))
            raise InvalidInput(f"{self._info.name} failed: {said[:2000] or 'it does not say why'}")
        return ToolResult(parts or (Text("It gave nothing back."),), tainted=True)


class McpTools:
    """The tools of several programs, as the registry takes them in. Threads may share it."""

    def __init__(self, programs: Sequence[McpServer], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._programs = tuple(programs)
        self._clock = clock
        self._known: dict[str, tuple[float, tuple[Found | Broken, ...]]] = {}
        self._lock = threading.Lock()

    def __call__(self) -> Iterator[Found | Broken]:
        """What there is now; a program that cannot be used is one broken entry."""
        for program in self._programs:
            with self._lock:
                at, found = self._known.get(program.name, (float("-inf"), ()))
                if self._clock() - at > AGAIN_SECONDS:
                    found = tuple(self._listed(program))
                    self._known[program.name] = (self._clock(), found)
            yield from found

    def _listed(self, program: McpServer) -> Iterator[Found | Broken]:
        async def work(client: Client) -> Any:
            return await client.list_tools()

        origin = f"MCP server {program.name}"
        try:
            listed = program.ask(work, seconds=LIST_SECONDS)
        except (ProviderUnavailable, DeadlineExceeded, ToolDenied) as error:
            yield Broken(origin, str(error))
            return
        for each in listed.tools[:MOST_TOOLS]:
            yield Found(McpTool(program, each.name, each.description or "", each.input_schema), origin)


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", name.lower())[:64]


def _part(block: Any) -> Part:
    """A block of an answer: text and pictures as they are, anything else as JSON."""
    if block.type == "text":
        return Text(str(block.text))
    if block.type == "image":
        try:
            return Picture(base64.b64decode(block.data, validate=True), str(block.mime_type), "a picture of the tool")
        except (binascii.Error, ValueError):
            return Text("[a picture that cannot be read]")
    return Text(str(block.model_dump_json(exclude_none=True)))


def _first(error: BaseException) -> str:
    """What went wrong, from inside the groups that tasks raise."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
