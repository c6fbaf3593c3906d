"""The doctor names an Ollama with a known hole."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.bootstrap.health import server_checks
from basicchat.resilience.breaker import CircuitBreaker
from basicchat.service.providers import ChatProviders, Provider
from basicchat.settings import load
from basicchat.testing.chat import EchoChatModel, FakeModelServer


class Versioned(FakeModelServer):
    """An Ollama of a version."""

    def __init__(self, version: str) -> None:
        super().__init__([EchoChatModel()], provider="ollama")
        self._version = version

    def version(self) -> str:
        return self._version


@pytest.mark.parametrize(
    ("version", "sound"), [("0.34.2", False), ("0.35.0", True), ("0.36.1-rc2", True), ("1.0.0", True), ("0.9.6", False)]
)
def test_an_old_ollama_is_named(tmp_path: Path, version: str, sound: bool) -> None:
    server = Versioned(version)
    providers = ChatProviders([Provider(server, choose=lambda _: "echo", breaker=CircuitBreaker("ollama"))])
    checks = {check.name: check for check in server_checks(load(home=tmp_path), providers)}
    assert checks["chat model"].ok
    assert checks["ollama"].ok is sound
    assert version in checks["ollama"].detail
    assert bool(checks["ollama"].repair) is not sound


def test_without_a_model_it_says_how_to_get_one(tmp_path: Path) -> None:
    check = server_checks(load(home=tmp_path), ChatProviders([]))[0]
    assert (check.ok, "models pull" in check.repair) == (False, True)
