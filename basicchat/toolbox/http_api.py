"""Tools from HTTP APIs: the operations that the owner allowed, of an API that the owner described.

Reading asks for the network, everything else also counts as writing. What comes back are words of somebody else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from basicchat.core.errors import BasicChatError, InvalidInput
from basicchat.core.tools import ApiOrder, Part, Permission, Rows, Text, ToolInfo, Toolkit, ToolResult, WebApi, WebPage
from basicchat.core.types import Json
from basicchat.toolbox.check import MOST_DESCRIPTION
from basicchat.toolbox.openapi import BODY, Operation, address_of, names_in, operations_of
from basicchat.toolbox.registry import Broken, Found
from basicchat.toolbox.schema import check_arguments

MOST_DOCUMENT = 20_000_000
"""Bytes of a description."""
MOST_OPERATIONS = 100
JSON_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json")


@dataclass(frozen=True)
class HttpApi:
    """An API as its owner set it up. ``operations`` are the ids of those that may be used; ``send`` knows its secret.

    ``address`` is where it is, empty for where its description says.
    """

    name: str
    description: Path
    operations: tuple[str, ...]
    send: WebApi
    address: str = ""


class HttpTool:
    """A `Tool` that is one operation. Its name begins with that of the API."""

    def __init__(self, api: HttpApi, base: str, operation: Operation) -> None:
        self._api = api
        self._base = base.rstrip("/")
        self._operation = operation
        permissions: frozenset[Permission] = frozenset({"network"} if operation.reads else {"network", "write"})
        whole = json.dumps([base, asdict(operation)], sort_keys=True, default=str)
        self._info = ToolInfo(
            name=re.sub(r"[^a-z0-9_]+", "_", f"{api.name}__{operation.name}".lower())[:64],
            description=(operation.description or f"{operation.name} of {api.name}")[:MOST_DESCRIPTION],
            parameters=operation.parameters,
            permissions=permissions,
            cost="seconds",
            version=f"sha256:{hashlib.sha256(whole.encode()).hexdigest()[:16]}",
            tainted=True,
        )

    @property
    def info(self) -> ToolInfo:
        """What it declares. The version is a digest of that, so an operation that has changed is asked for again."""
        return self._info

    def check(self, arguments: Mapping[str, Json]) -> None:
        """Raises `InvalidInput` for arguments that do not fit."""
        check_arguments(self._info, arguments)

    def run(self, arguments: Mapping[str, Json], toolkit: Toolkit) -> ToolResult:
        """Call it. Raises `InvalidInput`, `ToolDenied` or `FetchFailed`."""
        self.check(arguments)
        body = json.dumps(arguments[BODY]) if self._operation.places.get(BODY) and BODY in arguments else None
        order = ApiOrder(self._operation.method, self._url(arguments), body)
        return ToolResult(parts_of(self._api.send.send(order, seconds=toolkit.seconds())), tainted=True)

    def _url(self, arguments: Mapping[str, Json]) -> str:
        path = self._operation.path
        for name in set(names_in(path)):
            value = _plain(arguments.get(name))
            if value in ("", ".", ".."):
                raise InvalidInput(f"The argument {name} cannot be {value!r}.")
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        places = self._operation.places
        asked = [
            (name, _plain(each))
            for name, value in arguments.items()
            if places.get(name) == "query" and value is not None
            for each in (value if isinstance(value, list) else [value])
        ]
        return f"{self._base}{path}" + (f"?{urlencode(asked)}" if asked else "")


def parts_of(page: WebPage) -> tuple[Part, ...]:
    """What an API answered: records of plain values as a table, other JSON and text as text."""
    if not page.text.strip():
        return (Text("It is done; the API gave nothing back."),)
    if not JSON_TYPE.fullmatch(page.media_type):
        return (Text(page.text),)
    try:
        value = json.loads(page.text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The API sent JSON that cannot be read.") from error
    return (_table(value) or Text(json.dumps(value, ensure_ascii=False, indent=1)),)


def _table(value: Any) -> Rows | None:
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) and row for row in value):
        return None
    columns = tuple(dict.fromkeys(name for row in value for name in row))
    rows = tuple(tuple(row.get(name) for name in columns) for row in value)
    return None if any(isinstance(cell, list | dict) for row in rows for cell in row) else Rows(columns, rows)


def _plain(value: Json) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


class HttpTools:
    """The tools of several APIs, as the registry takes them in. A description is read again when it has changed."""

    def __init__(self, apis: Sequence[HttpApi]) -> None:
        self._apis = tuple(apis)
        self._known: dict[str, tuple[str, tuple[Found | Broken, ...]]] = {}

    def __call__(self) -> Iterator[Found | Broken]:
        """What there is now; an API whose description is wrong is one broken entry."""
        for api in self._apis:
            try:
                data = api.description.read_bytes()
            except OSError as error:
                yield Broken(f"API {api.name}", f"{api.description} cannot be read: {error.strerror}")
                continue
            digest = hashlib.sha256(data).hexdigest()
            if self._known.get(api.name, ("", ()))[0] != digest:
                self._known[api.name] = (digest, tuple(_listed(api, data)))
            yield from self._known[api.name][1]


def _listed(api: HttpApi, data: bytes) -> Iterator[Found | Broken]:
    origin = f"API {api.name}"
    try:
        document = document_of(data)
        there = {each.name: each for each in operations_of(document)}
        base = api.address or address_of(document)
        if not base:
            raise InvalidInput("Its description does not say where it is: set `address`.")
    except BasicChatError as error:
        yield Broken(origin, str(error))
        return
    for name in api.operations[:MOST_OPERATIONS]:
        if name in there:
            yield Found(HttpTool(api, base, there[name]), origin)
        else:
            yield Broken(origin, f"it has no operation {name}")


def document_of(data: bytes) -> dict[str, Any]:
    """A description from its bytes. Raises `InvalidInput`."""
    if len(data) > MOST_DOCUMENT:
        raise InvalidInput("The description is too large.")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The description is not JSON.", hint="Convert YAML to JSON first.") from error
    if not isinstance(found, dict):
        raise InvalidInput("The description is no JSON object.")
    return found
