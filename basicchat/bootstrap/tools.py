"""The toolbox from the settings. Nothing is opened before a tool asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.adapters.llm.seeing import OllamaEyes
from basicchat.adapters.web.api import GuardedApi
from basicchat.adapters.web.pages import PublicPages
from basicchat.adapters.web.search import DdgsSearch, SearxngSearch
from basicchat.bootstrap import parts
from basicchat.core.errors import DependencyMissing, InvalidInput, ToolDenied
from basicchat.core.tools import Toolkit, WebResult, WebSearch
from basicchat.core.types import Document, Hit, Page, Scope, Table, TableInfo
from basicchat.resilience.search import FallbackSearch
from basicchat.settings import McpServerSettings, Settings
from basicchat.toolbox import Budget, Permissions, Registry, Toolbox, builtin_folder
from basicchat.toolbox.audit import Audit
from basicchat.toolbox.folder import ChosenFolder
from basicchat.toolbox.http_api import HttpApi, HttpTools
from basicchat.toolbox.mcp_client import McpAddress, McpProgram, McpServer, McpTools
from basicchat.toolbox.registry import Elsewhere
from basicchat.toolbox.sandbox import chosen

T = TypeVar("T")

NETWORK_OFF = "Turn it on with BASICCHAT_TOOLS__NETWORK=true, or `network` under `[tools]` in settings.toml."


class Documents(Protocol):
    """The part of a library that tools read."""

    def documents(self, collection: str | None = None) -> list[Document]:
        """Documents, newest first."""

    def page(self, document_id: str, number: int) -> Page:
        """A page, from 1."""


class Askable(Protocol):
    """The part of the tables that tools ask."""

    def describe(self, *, collection: str | None = None) -> list[TableInfo]:
        """What a query may name."""

    def query(
        self, sql: str, *, limit: int = ..., collection: str | None = ..., document_ids: Sequence[str] | None = ...
    ) -> Table:
        """The result of one SELECT within a collection or some documents."""


class Library(Protocol):
    """An assistant of this process, or the one of the process that owns the library."""

    @property
    def library(self) -> Documents:
        """The documents."""

    @property
    def tables(self) -> Askable:
        """The tables."""

    def search(
        self, text: str, *, collection: str = ..., document_ids: Sequence[str] = (), top_k: int = ...
    ) -> list[Hit]:
        """Passages for a question, best first."""


def open_toolbox(settings: Settings, library: Callable[[], Library]) -> Toolbox:
    """The toolbox of these settings. ``library`` is called when the first tool wants documents or tables."""
    tools = settings.tools
    return Toolbox(
        Registry(builtin=builtin_folder(), own=tools_folder(settings), elsewhere=elsewhere(settings)),
        toolkit=once(lambda: toolkit(settings, once(library))),
        permissions=Permissions(settings.home / "tools.json"),
        audit=Audit(settings.home / "logs" / "tools.jsonl"),
        budget=Budget(seconds=tools.seconds, output_bytes=tools.output_kb * 1000),
    )


def once(make: Callable[[], T]) -> Callable[[], T]:
    """What ``make`` gives, made at the first call, once also when threads call together. An error is not kept."""
    lock, made = threading.Lock(), list[T]()

    def given() -> T:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return given


def tools_folder(settings: Settings) -> Path:
    """Where the user's own tools lie."""
    return settings.home / "tools"


def mcp_servers(settings: Settings) -> list[McpServer]:
    """The servers that the owner named; none where tools may not use the network, as theirs might."""
    return [] if network_off(settings) else [_server(settings, *each) for each in settings.tools.mcp.items()]


def _server(settings: Settings, name: str, told: McpServerSettings) -> McpServer:
    if told.command:
        return McpProgram(name, told.command, told.arguments, told.environment)
    secret, ledger = told.secret.get_secret_value(), parts.ledger(settings)
    headers = {told.header: secret} if secret else {}
    return McpAddress(name, told.address, headers, told.inside, lambda host: ledger.record(host, 0, purpose="mcp"))


def elsewhere(settings: Settings) -> Elsewhere:
    """Tools that lie in no file: those of other programs, and of HTTP APIs."""
    programs, apis = McpTools(mcp_servers(settings)), HttpTools(http_apis(settings))
    return lambda: (*apis(), *programs())


def http_apis(settings: Settings) -> list[HttpApi]:
    """The APIs that the owner set up; none where tools may not use the network."""
    if network_off(settings):
        return []
    found = []
    for name, each in settings.tools.api.items():
        secret = each.secret.get_secret_value()
        sender = GuardedApi(
            each.address,
            offline=False,
            ledger=parts.ledger(settings),
            headers={each.header: secret} if secret else {},
            inside=each.inside and bool(each.address),
        )
        file = each.description or api_file(settings, name)
        found.append(HttpApi(name, file.expanduser(), each.operations, sender, each.address))
    return found


def described_at(settings: Settings, source: str) -> bytes:
    """An OpenAPI description from a file, or from an address of the public web.

    Raises `InvalidInput`, and what fetching raises.
    """
    if source.startswith(("https://", "http://")):
        pages = PublicPages(offline=network_off(settings), ledger=parts.ledger(settings))
        return pages.get(source, seconds=settings.tools.seconds).text.encode()
    try:
        return Path(source).expanduser().read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read: {error.strerror}.") from error


def api_file(settings: Settings, name: str) -> Path:
    """Where the description of an API is kept."""
    return settings.home / "apis" / f"{name}.json"


def toolkit(settings: Settings, library: Callable[[], Library]) -> Toolkit:
    """What tools work with."""
    tools = settings.tools
    return Toolkit(
        documents=LibraryDocuments(library),
        tables=LibraryTables(library),
        pages=PublicPages(offline=network_off(settings), ledger=parts.ledger(settings)),
        search=web_search(settings),
        files=ChosenFolder(tools.folder),
        sandbox=chosen(tools.sandbox),
        pictures=PictureText(settings),
    )


def network_off(settings: Settings) -> bool:
    """Whether no tool may reach the network."""
    return not settings.tools.network or parts.is_fake(settings)


def web_search(settings: Settings) -> WebSearch:
    """The search engines in the order they are tried."""
    if network_off(settings):
        return NoSearch()
    ledger = parts.ledger(settings)
    engines: list[WebSearch] = [DdgsSearch(name, ledger=ledger) for name in settings.tools.search]
    if settings.tools.searxng:
        engines.insert(0, SearxngSearch(settings.tools.searxng, ledger=ledger))
    return FallbackSearch(engines)


class NoSearch:
    """A `WebSearch` where tools may not use the network."""

    name = "off"

    def search(self, text: str, *, limit: int, seconds: float) -> Sequence[WebResult]:
        """Raises `ToolDenied`."""
        raise ToolDenied("Tools may not use the network, so nothing was searched for.", hint=NETWORK_OFF)


class LibraryDocuments:
    """A `DocumentSource` over a library that is opened when it is first asked."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def search(self, text: str, *, top_k: int, scope: Scope) -> list[Hit]:
        """Passages for a question, best first."""
        if scope.chunk_ids == ():
            return []
        found = self._library().search(text, collection=scope.collection, document_ids=scope.document_ids, top_k=top_k)
        return [hit for hit in found if scope.chunk_ids is None or hit.chunk.id in scope.chunk_ids]

    def documents(self, scope: Scope) -> list[Document]:
        """Documents, newest first."""
        found = self._library().library.documents(scope.collection) if scope.chunk_ids != () else []
        return [each for each in found if not scope.document_ids or each.id in scope.document_ids]

    def page(self, document_id: str, number: int) -> Page:
        """A page, from 1. Raises `NotFound`."""
        return self._library().library.page(document_id, number)


class LibraryTables:
    """A `TableSource` over a library that is opened when it is first asked. Nothing outside a scope can be read."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def describe(self, scope: Scope) -> list[TableInfo]:
        """What a query may name."""
        found = self._library().tables.describe(collection=scope.collection) if scope.chunk_ids != () else []
        return [each for each in found if not scope.document_ids or each.document_id in scope.document_ids]

    def query(self, sql: str, *, limit: int, scope: Scope) -> Table:
        """The result of one SELECT over tables of ``scope``. Raises `InvalidInput`."""
        wanted = scope.document_ids if scope.document_ids or scope.chunk_ids == () else None
        return self._library().tables.query(sql, limit=limit, collection=scope.collection, document_ids=wanted)


class PictureText:
    """A `PictureReader` that recognises text as the library does, and asks models of Ollama that see."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, data: bytes) -> str:
        """The text that a picture shows. Raises `UnreadableDocument` or `DependencyMissing`."""
        from basicchat.adapters.load.image import ImageLoader

        with TemporaryDirectory() as folder:
            file = Path(folder) / "picture"
            file.write_bytes(data)
            loader = ImageLoader(parts.load_options(self._settings))
            pages = [page.text for document in loader.load(file, name="picture") for page in document.pages]
        return "\n".join(pages).strip()

    def see(self, data: bytes, question: str, *, seconds: float) -> str:
        """What a model says about a picture. Raises `DependencyMissing`, `ProviderError`, `DeadlineExceeded`."""
        if not self._settings.ollama.enabled or parts.is_fake(self._settings):
            raise DependencyMissing("A model that sees", hint="Only models of Ollama see, and Ollama is turned off.")
        server = OllamaServer(self._settings.ollama.url, options=parts.ollama_options(self._settings))
        try:
            return OllamaEyes(server).see(data, question, seconds=seconds)
        finally:
            server.close()
