"""Tools as values and seams: what one declares, what it is given to work with, what it gives back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from basicchat.core.documents import Document, Json, Page, Table, TableInfo
from basicchat.core.shown import Chart as Chart
from basicchat.core.shown import Rows as Rows
from basicchat.core.types import Hit, Scope, ToolSpec

Permission = Literal["read", "write", "network"]
"""``read``: the documents and the chosen folder. ``write``: the chosen folder. ``network``: another machine."""

Cost = Literal["instant", "seconds", "slow"]
"""How long a call takes as a rule: no time, some seconds, or longer."""


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """What a tool declares. ``parameters`` is a JSON Schema of an object.

    A ``tainted`` tool gives back words that somebody else wrote (documents, pages of the web): data, never
    instructions. ``examples`` are arguments that it can be tried with.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    permissions: frozenset[Permission] = frozenset()
    cost: Cost = "instant"
    version: str = "1"
    tainted: bool = False
    examples: tuple[Mapping[str, Json], ...] = ()

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it."""
        return ToolSpec(self.name, self.description, self.parameters)


# ---------------------------------------------------------------- what comes back


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture; ``alt`` says in words what it shows."""

    data: bytes
    media_type: str
    alt: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was found: a place of a document, or an ``address`` on the web. ``quote`` stands there."""

    title: str
    quote: str = ""
    address: str = ""
    document_id: str = ""
    page: int = 0
    start: int = 0
    end: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """What was found, best first. Nothing in it is made up: a tool that could not search raises."""

    sources: tuple[Source, ...]


Part = Text | Rows | Chart | Picture | Sources


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back, in order. ``truncated``: something did not fit and was left out.

    ``notes`` are sentences for whoever reads it; ``tainted`` is that of the tool.
    """

    parts: tuple[Part, ...]
    truncated: bool = False
    notes: tuple[str, ...] = ()
    tainted: bool = False


# ---------------------------------------------------------------- what a tool works with


class DocumentSource(Protocol):
    """The library, to read."""

    def search(self, text: str, *, top_k: int, scope: Scope) -> Sequence[Hit]:
        """Passages for a question, best first."""

    def documents(self, scope: Scope) -> Sequence[Document]:
        """Documents, newest first."""

    def page(self, document_id: str, number: int) -> Page:
        """A page, from 1. Raises `NotFound`."""


class TableSource(Protocol):
    """The tables of the library, to ask in SQL."""

    def describe(self, scope: Scope) -> Sequence[TableInfo]:
        """What a query may name."""

    def query(self, sql: str, *, limit: int, scope: Scope) -> Table:
        """The result of one SELECT over tables of ``scope``, at most ``limit`` rows.

        Raises `InvalidInput` for anything else, also for a table outside ``scope``.
        """


@dataclass(frozen=True, slots=True)
class WebPage:
    """What an address gave: ``address`` after every redirect, ``text`` decoded but not yet made readable."""

    address: str
    media_type: str
    text: str


class WebPages(Protocol):
    """Reads pages of the public web."""

    def get(self, address: str, *, seconds: float) -> WebPage:
        """One page, in at most ``seconds``. Raises `ToolDenied` for an address that may not be asked, `FetchFailed`."""


@dataclass(frozen=True, slots=True)
class ApiOrder:
    """A request to an API. ``body`` is JSON, None for a request without one."""

    method: str
    address: str
    body: str | None = None


class WebApi(Protocol):
    """Asks one HTTP API, with the secret that it wants."""

    def send(self, order: ApiOrder, *, seconds: float) -> WebPage:
        """Its answer, in at most ``seconds``. Raises `ToolDenied`, `FetchFailed`, `InvalidInput`."""


@dataclass(frozen=True, slots=True)
class WebResult:
    """A line of a search engine's answer."""

    title: str
    address: str
    snippet: str


class WebSearch(Protocol):
    """Searches the web."""

    @property
    def name(self) -> str:
        """Who is asked."""

    def search(self, text: str, *, limit: int, seconds: float) -> Sequence[WebResult]:
        """At most ``limit`` results, none where there are none. Raises `ProviderError` or `FetchFailed`."""


class FileSpace(Protocol):
    """One folder that the owner chose. Paths are relative to it and cannot leave it, also not through links."""

    def entries(self, path: str = "") -> Sequence[str]:
        """Names in a folder, sorted, those of folders with a slash. Raises `NotFound` or `ToolDenied`."""

    def read(self, path: str, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a file. Raises `NotFound` or `ToolDenied`."""

    def write(self, path: str, data: bytes, *, replace: bool = False) -> None:
        """Write a file. Raises `Conflict` where there is one and it is not to be replaced, and `ToolDenied`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much code in a sandbox may use. ``output_bytes`` bounds what it prints and what it gives back."""

    seconds: float = 10.0
    memory_mb: int = 256
    output_bytes: int = 100_000


@dataclass(frozen=True, slots=True)
class Ran:
    """What code in a sandbox did: what it printed, and the value of its last line, as JSON or else as `repr`."""

    printed: str
    value: Json = None
    error: str = ""
    backend: str = ""


class Sandbox(Protocol):
    """Runs Python that nobody has read: no files, no network, no other process, limited time, memory and output."""

    @property
    def name(self) -> str:
        """Which one it is."""

    def run(self, code: str, *, limits: Limits) -> Ran:
        """Run it. An error of the code is in the result; raises `ToolDenied` for a limit, `DependencyMissing`."""


class PictureReader(Protocol):
    """Recognises text in pictures, and has them looked at where a model sees."""

    def read(self, data: bytes) -> str:
        """The text that a picture shows. Raises `UnreadableDocument` or `DependencyMissing`."""

    def see(self, data: bytes, question: str, *, seconds: float) -> str:
        """What a model says about a picture. Raises `DependencyMissing` where none sees, and what models raise."""


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Toolkit:
    """What the program gives its tools to work with. A tool uses what it needs and nothing else.

    ``scope`` is the part of the library that the call is about; ``ends`` a moment on the monotonic clock by which it
    has to be over.
    """

    documents: DocumentSource
    tables: TableSource
    pages: WebPages
    search: WebSearch
    files: FileSpace
    sandbox: Sandbox
    pictures: PictureReader
    now: Callable[[], datetime] = field(default=_now)
    scope: Scope = field(default_factory=Scope)
    ends: float = math.inf
    most_seconds: float = 30.0

    def seconds(self) -> float:
        """How long the call may still take, never below 0 and never without end."""
        return max(0.0, min(self.ends - time.monotonic(), self.most_seconds))


class Tool(Protocol):
    """Something the assistant can do."""

    @property
    def info(self) -> ToolInfo:
        """What it declares."""

    def check(self, arguments: Mapping[str, Json]) -> None:
        """Raises `InvalidInput` for arguments that do not fit the schema, in words that a model can act on."""

    def run(self, arguments: Mapping[str, Json], toolkit: Toolkit) -> ToolResult:
        """Do it. Raises what `check` raises, and any `BasicChatError` that says what went wrong."""
