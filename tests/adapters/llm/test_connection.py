"""Addresses and connections."""

from __future__ import annotations

import httpx
import pytest

from basicchat.adapters.llm.connection import Connection, Endpoint, OllamaOptions, client_settings


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://[::1]:11434", True),
        ("http://localhost:11434", True),
        ("localhost:11434", True),
        ("http://192.168.1.5:11434", False),
        ("https://models.example.org", False),
    ],
)
def test_this_machine_is_reached_without_a_proxy(url, loopback):
    endpoint = Endpoint(url)
    assert endpoint.loopback is loopback
    assert client_settings(endpoint, timeout=httpx.Timeout(1))["trust_env"] is not loopback


def test_the_token_goes_in_a_header_and_redirects_are_not_followed():
    settings = client_settings(Endpoint("http://127.0.0.1:1", "secret"), timeout=httpx.Timeout(1))
    assert settings["headers"] == {"Authorization": "Bearer secret"}
    assert settings["follow_redirects"] is False


def test_a_connection_never_used_closes():
    Connection(Endpoint("http://127.0.0.1:1"), OllamaOptions()).close()
