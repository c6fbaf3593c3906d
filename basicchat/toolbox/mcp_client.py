"""Tools of other programs by the Model Context Protocol.

Only programs that the owner named in the settings are started. Every call starts the program anew and ends it. Nobody
knows what such a tool really does: it counts as one that writes and reaches the network, so it asks first, and what it
gives back are words of somebody else.
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

from basicchat.core.errors import DeadlineExceeded, InvalidInput, ProviderUnavailable
from basicchat.core.tools import Part, Picture, Text, ToolInfo, Toolkit, ToolResult
from basicchat.core.types import Json
from basicchat.toolbox.check import MOST_DESCRIPTION
from basicchat.toolbox.registry import Broken, Found

if TYPE_CHECKING:
    from mcp.client import Client

T = TypeVar("T")

LIST_SECONDS = 15.0
AGAIN_SECONDS = 60.0
"""A list of tools, and a failure to get one, is believed for so long."""
MOST_TOOLS = 100


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
        from mcp.shared.exceptions import MCPError

        parameters = StdioServerParameters(
            command=self.command, args=list(self.arguments), env=dict(self.environment) or None
        )

        async def main() -> T:
            with open(os.devnull, "w", encoding="utf-8") as silence:
                async with asyncio.timeout(seconds), Client(stdio_client(parameters, errlog=silence)) as client:
                    return await work(client)

        try:
            return _apart(main)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The MCP server {self.name} takes too long.", hint="Try again later.") from error
        except (MCPError, OSError, ValueError, RuntimeError, ExceptionGroup) as error:
            raise ProviderUnavailable(
                f"The MCP server {self.name} cannot be used: {_first(error)}",
                provider=self.name,
                hint=f"Look at `[tools.mcp.{self.name}]` in settings.toml.",
            ) from error


def _apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it in a thread of its own: whoever calls may be inside an event loop, where no second one can run."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="mcp") as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


class McpTool:
    """A `Tool` of such a program. Its name begins with that of the program."""

    def __init__(self, program: McpProgram, name: str, description: str, schema: Mapping[str, Json]) -> None:
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
        import jsonschema

        try:
            jsonschema.validate(dict(arguments), dict(self._info.parameters))
        except jsonschema.ValidationError as error:
            raise InvalidInput(f"The arguments of {self._info.name} do not fit: {error.message}.") from error
        except jsonschema.SchemaError as error:
            raise InvalidInput(f"{self._info.name} has a schema that makes no sense: {error.message}.") from error

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

    def __init__(self, programs: Sequence[McpProgram], *, clock: Callable[[], float] = time.monotonic) -> None:
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

    def _listed(self, program: McpProgram) -> Iterator[Found | Broken]:
        async def work(client: Client) -> Any:
            return await client.list_tools()

        origin = f"MCP server {program.name}"
        try:
            listed = program.ask(work, seconds=LIST_SECONDS)
        except (ProviderUnavailable, DeadlineExceeded) as error:
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
