"""OpenAPI descriptions: what becomes an operation, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.toolbox.openapi import address_of, names_in, operations_of

SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://shop.example/v1"}],
    "paths": {
        "/items/{item}": {
            "parameters": [{"$ref": "#/components/parameters/item"}],
            "get": {
                "operationId": "getItem",
                "summary": "One item.",
                "parameters": [
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
            },
            "delete": {"operationId": "removeItem"},
        },
        "/items": {
            "post": {
                "operationId": "addItem",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
                },
            },
            "get": {"summary": "Has no name."},
        },
    },
    "components": {
        "parameters": {
            "item": {
                "name": "item",
                "in": "path",
                "required": True,
                "description": "Its number.",
                "schema": {"type": "integer"},
            }
        },
        "schemas": {
            "Item": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                },
            }
        },
    },
}


def test_operations_with_their_arguments_and_places() -> None:
    get, remove, add = operations_of(SHOP)
    assert (get.name, get.method, get.path, get.description, get.reads) == (
        "getItem",
        "GET",
        "/items/{item}",
        "One item.",
        True,
    )
    assert get.places == {"item": "path", "fields": "query"}
    assert get.parameters["required"] == ["item"]
    assert get.parameters["properties"]["item"] == {"type": "integer", "description": "Its number."}
    assert (remove.method, remove.reads) == ("DELETE", False)
    assert (add.places, add.parameters["required"]) == ({"body": "body"}, ["body"])
    assert address_of(SHOP) == "https://shop.example/v1"
    assert list(names_in("/a/{b}/{c}")) == ["b", "c"]


def test_a_schema_that_holds_itself_ends() -> None:
    add = operations_of(SHOP)[2]
    assert str(add.parameters).count("parts") < 20


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"swagger": "2.0", "paths": {}},
        {"openapi": "3.0.0"},
        {
            "openapi": "3.0.0",
            "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "http://x/y.json#/a"}]}}},
        },
        {"openapi": "3.0.0", "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "#/nowhere"}]}}}},
        {
            "openapi": "3.0.0",
            "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"$ref": "#/components/a"}]}}},
            "components": {"a": {"$ref": "#/components/a"}},
        },
    ],
)
def test_what_is_no_description(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        operations_of(document)


def test_a_server_that_is_not_whole_is_none() -> None:
    for servers in ([], [{"url": "/v1"}], [{"url": "https://{where}.example"}], "x", [{"url": "file:///etc"}]):
        assert address_of({"servers": servers}) == ""
