"""From an OpenAPI description to operations that can be called.

OpenAPI 3.0 and 3.1, as JSON. Parameters in the path and the query and a JSON body become arguments; what goes into
headers and cookies is not a model's business and is left out.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from basicchat.core.errors import InvalidInput
from basicchat.core.types import Json

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
READING = frozenset({"GET", "HEAD"})
METHODS: dict[str, Method] = {
    "get": "GET",
    "head": "HEAD",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
}
MOST_DEPTH = 12
"""How deep references lead into each other; deeper ones become anything."""
MOST_NODES = 4_000
"""Parts of the schema of one operation."""
BODY = "body"
TEMPLATE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Operation:
    """One thing that an API can do. ``places`` says where each argument goes: ``path``, ``query`` or ``body``."""

    name: str
    method: Method
    path: str
    description: str
    parameters: Mapping[str, Json]
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """Whether it only reads, as HTTP promises of its method."""
        return self.method in READING


def operations_of(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation that has a name and is understood, in the order of the description.

    Raises `InvalidInput` for a document that is no OpenAPI description.
    """
    if not str(document.get("openapi", "")).startswith("3.") or not isinstance(document.get("paths"), Mapping):
        raise InvalidInput("That is no OpenAPI description of version 3.", hint="Give the JSON that the API publishes.")
    return [
        _operation(document, str(path), shared, METHODS[method], each)
        for path, shared in document["paths"].items()
        if isinstance(shared, Mapping)
        for method, each in shared.items()
        if method in METHODS and isinstance(each, Mapping) and each.get("operationId")
    ]


def address_of(document: Mapping[str, Any]) -> str:
    """The first server that the description names, empty where it names none in full."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], Mapping) else {}
    url = str(first.get("url", ""))
    return url if url.startswith(("https://", "http://")) and "{" not in url else ""


def _operation(
    document: Mapping[str, Any], path: str, shared: Mapping[str, Any], method: Method, each: Mapping[str, Any]
) -> Operation:
    resolver = _Resolver(document)
    properties: dict[str, Json] = {}
    required: list[Json] = []
    places: dict[str, str] = {}
    for parameter in _parameters(resolver, shared, each):
        name, place = str(parameter.get("name", "")), str(parameter.get("in", ""))
        if place in ("path", "query") and name and name != BODY:
            properties[name] = _described(resolver.schema(parameter.get("schema", {})), parameter)
            places[name] = place
            required += [name] if place == "path" or parameter.get("required") is True else []
    body = resolver.found(each.get("requestBody", {}))
    content = body.get("content", {}) if isinstance(body, Mapping) else {}
    if isinstance(content, Mapping) and "application/json" in content:
        properties[BODY] = _described(resolver.schema(dict(content["application/json"]).get("schema", {})), body)
        places[BODY] = BODY
        required += [BODY] if body.get("required") is True else []
    told = " ".join(str(each.get(part, "")) for part in ("summary", "description"))
    schema: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return Operation(str(each["operationId"]), method, path, " ".join(told.split()), schema, places)


def _parameters(resolver: _Resolver, shared: Mapping[str, Any], each: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those of the path and those of the operation, which replace their like."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for group in (shared.get("parameters"), each.get("parameters")):
        for one in group if isinstance(group, list) else []:
            parameter = resolver.found(one)
            if isinstance(parameter, Mapping):
                found[str(parameter.get("name")), str(parameter.get("in"))] = parameter
    return list(found.values())


def _described(schema: Json, about: Mapping[str, Any]) -> Json:
    if isinstance(schema, dict) and about.get("description") and not schema.get("description"):
        schema["description"] = " ".join(str(about["description"]).split())[:200]
    return schema


class _Resolver:
    """Follows references inside one document, and none that lead out of it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = MOST_NODES

    def found(self, value: Any) -> Any:
        """``value``, or what it refers to. Raises `InvalidInput` for a reference that leads nowhere."""
        for _ in range(MOST_DEPTH):
            if not isinstance(value, Mapping) or "$ref" not in value:
                return value
            value = self._at(str(value["$ref"]))
        raise InvalidInput("The description refers round and round.")

    def schema(self, value: Any) -> Json:
        """A schema with every reference replaced by what it means."""
        resolved: Json = self._resolved(value, 0)
        return resolved

    def _resolved(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if depth > MOST_DEPTH or self._left < 0:
            return {}
        value = self.found(value)
        if isinstance(value, Mapping):
            return {str(name): self._resolved(each, depth + 1) for name, each in value.items()}
        if isinstance(value, list):
            return [self._resolved(each, depth + 1) for each in value]
        return copy.copy(value)

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise InvalidInput(f"The description refers to another file: {reference[:100]}.")
        value: Any = self._document
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, Mapping) or name not in value:
                raise InvalidInput(f"The description refers to {reference[:100]}, which it does not have.")
            value = value[name]
        return value


def names_in(path: str) -> Iterator[str]:
    """The names in a path's braces."""
    return (each[1] for each in TEMPLATE.finditer(path))
