"""The edge of the owner's endpoint: what nobody foresaw is told as an internal error, and logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from basicchat.api.app import create
from basicchat.service.assistant import Assistant
from basicchat.telemetry import log


def broken() -> Assistant:
    raise ZeroDivisionError("division by zero")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "log.jsonl"
    log.configure(file=file)
    yield file
    log.configure()


@pytest.mark.parametrize("path", ["/call/library.documents", "/stream/stream", "/stream/library.ingest"])
def test_a_fault_is_an_internal_error_and_in_the_log(file: Path, path: str) -> None:
    with TestClient(create(broken, "token")) as client:
        answer = client.post(path, json={}, headers={"Authorization": "Bearer token"})
    error = json.loads(answer.text)["error"]
    assert error["code"] == "internal"
    assert "ZeroDivisionError" in error["message"]
    assert error["hint"]
    (line,) = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert (line["part"], line["operation"]) == ("api", path.rpartition("/")[2])
    assert "Traceback" in line["exception"]
