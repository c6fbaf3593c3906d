"""Tools and what they work with, without a library, a network, a sandbox or a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from basicchat.core.errors import BasicChatError, Conflict, DependencyMissing, FetchFailed, InvalidInput, NotFound
from basicchat.core.tools import (
    DocumentSource,
    FileSpace,
    Limits,
    PictureReader,
    Ran,
    Sandbox,
    TableSource,
    Text,
    ToolInfo,
    Toolkit,
    ToolResult,
    WebPage,
    WebPages,
    WebResult,
    WebSearch,
)
from basicchat.core.types import Chunk, Document, Hit, Json, Page, Scope, Table, TableInfo
from basicchat.testing.tables import MemoryTables

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))
"""What the clock of a `toolkit` says."""


class RecordingTool:
    """A tool that keeps every call. It answers ``answer``, or raises ``error``."""

    def __init__(self, info: ToolInfo | None = None, *, answer: str = "done", error: Exception | None = None) -> None:
        self._info = info or ToolInfo("recording", "Keeps its calls.", {"type": "object", "properties": {}})
        self._answer = answer
        self._error = error
        self.calls: list[Mapping[str, Json]] = []

    @property
    def info(self) -> ToolInfo:
        """What it declares."""
        return self._info

    def check(self, arguments: Mapping[str, Json]) -> None:
        """Whatever the schema names is fine, and nothing else."""
        properties = self._info.parameters.get("properties")
        known = set(properties) if isinstance(properties, dict) else set[str]()
        if odd := sorted(set(arguments) - known):
            raise InvalidInput(f"The arguments of {self._info.name} do not fit: {', '.join(odd)}.")

    def run(self, arguments: Mapping[str, Json], toolkit: Toolkit) -> ToolResult:
        """Keep the call and answer."""
        self.check(arguments)
        self.calls.append(dict(arguments))
        if self._error is not None:
            raise self._error
        return ToolResult((Text(self._answer),))


class MemoryDocuments:
    """Documents of pages by title; a search finds the pages that share most words with it."""

    def __init__(self, texts: Mapping[str, Sequence[str]] | None = None) -> None:
        self._pages = [
            (Document(title, "default", f"{title}.txt", title, "text/plain", title, len(pages), len(pages), 0.0), pages)
            for title, pages in (texts or {}).items()
        ]

    def search(self, text: str, *, top_k: int, scope: Scope) -> list[Hit]:
        """Pages that hold words of it, most first."""
        wanted, hits = _words(text), []
        for document, pages in self._pages:
            if document not in self.documents(scope):
                continue
            for number, page in enumerate(pages, start=1):
                shared = len(wanted & _words(page))
                chunk = Chunk(f"{document.id}-{number}", document.id, number - 1, number, 0, len(page), page)
                hits += [Hit(chunk, document, float(shared))] if shared else []
        return sorted(hits, key=lambda hit: -hit.score)[:top_k]

    def documents(self, scope: Scope) -> list[Document]:
        """Those of the scope."""
        wanted = scope.document_ids
        found = [document for document, _ in self._pages if document.collection == scope.collection]
        return [document for document in found if not wanted or document.id in wanted]

    def page(self, document_id: str, number: int) -> Page:
        """A page, from 1. Raises `NotFound`."""
        for document, pages in self._pages:
            if document.id == document_id and 1 <= number <= len(pages):
                return Page(number, pages[number - 1])
        raise NotFound(f"There is no page {number} of {document_id}.")


class AskableTables:
    """The `MemoryTables` as tools see them."""

    def __init__(self, tables: MemoryTables | None = None) -> None:
        self.index = tables or MemoryTables()

    def describe(self, scope: Scope) -> list[TableInfo]:
        """What a query may name."""
        return self.index.describe(scope.document_ids or None)

    def query(self, sql: str, *, limit: int, scope: Scope) -> Table:
        """The result of one SELECT over tables of ``scope``."""
        return self.index.query(sql, limit=limit, document_ids=scope.document_ids or None)


class MemoryPages:
    """The pages it was given, by address."""

    def __init__(self, pages: Mapping[str, WebPage] | None = None) -> None:
        self.pages = dict(pages or {})

    def get(self, address: str, *, seconds: float) -> WebPage:
        """The page. Raises `FetchFailed`."""
        if address not in self.pages:
            raise FetchFailed(f"There is nothing at {address}.")
        return self.pages[address]


class ScriptedSearch:
    """Answers every search with the same results, or raises the same error."""

    def __init__(
        self, results: Sequence[WebResult] = (), *, error: BasicChatError | None = None, name: str = "scripted"
    ) -> None:
        self.results = tuple(results)
        self.error = error
        self.name = name
        self.asked: list[str] = []

    def search(self, text: str, *, limit: int, seconds: float) -> list[WebResult]:
        """The results."""
        self.asked.append(text)
        if self.error is not None:
            raise self.error
        return list(self.results[:limit])


class MemoryFiles:
    """Files by path, in memory."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})

    def entries(self, path: str = "") -> list[str]:
        """Names in a folder."""
        start = f"{path.strip('/')}/" if path.strip("/") else ""
        rest = [name.removeprefix(start) for name in self.files if name.startswith(start)]
        return sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in rest})

    def read(self, path: str, *, limit: int) -> bytes:
        """The first bytes of a file. Raises `NotFound`."""
        if path not in self.files:
            raise NotFound(f"There is no file {path}.")
        return self.files[path][:limit]

    def write(self, path: str, data: bytes, *, replace: bool = False) -> None:
        """Keep a file. Raises `Conflict`."""
        if path in self.files and not replace:
            raise Conflict(f"There is a file {path} already.")
        self.files[path] = data


@dataclass
class ScriptedSandbox:
    """Runs nothing: it says what it was told to say, and keeps the code it was given."""

    ran: Ran = field(default_factory=lambda: Ran("", None))
    name: str = "scripted"
    codes: list[str] = field(default_factory=list)

    def run(self, code: str, *, limits: Limits) -> Ran:
        """What was scripted."""
        self.codes.append(code)
        return self.ran


@dataclass
class ScriptedPictures:
    """Reads the same text in every picture; ``seen`` is what its model says, empty for no model."""

    text: str = ""
    seen: str = ""

    def read(self, data: bytes) -> str:
        """The text."""
        return self.text

    def see(self, data: bytes, question: str, *, seconds: float) -> str:
        """What the model says. Raises `DependencyMissing`."""
        if not self.seen:
            raise DependencyMissing("A model that sees")
        return self.seen


def toolkit(
    *,
    documents: DocumentSource | None = None,
    tables: TableSource | None = None,
    pages: WebPages | None = None,
    search: WebSearch | None = None,
    files: FileSpace | None = None,
    sandbox: Sandbox | None = None,
    pictures: PictureReader | None = None,
    now: datetime = NOON,
) -> Toolkit:
    """Parts to try a tool with: those that are given, and fakes that hold nothing for the rest."""
    return Toolkit(
        documents=documents or MemoryDocuments(),
        tables=tables or AskableTables(),
        pages=pages or MemoryPages(),
        search=search or ScriptedSearch(),
        files=files or MemoryFiles(),
        sandbox=sandbox or ScriptedSandbox(),
        pictures=pictures or ScriptedPictures(),
        now=lambda: now,
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
