"""Foreign errors in our own words."""

from __future__ import annotations

import httpx
import ollama
import pytest

from basicchat.adapters.llm.failures import from_status, translated
from basicchat.core.errors import (
    BadReply,
    ContextOverflow,
    InvalidInput,
    NotFound,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (404, "model 'x' not found", NotFound),
        (429, "busy", RateLimited),
        (408, "", ProviderTimeout),
        (504, "", ProviderTimeout),
        (500, "boom", ProviderUnavailable),
        (-1, "boom", ProviderUnavailable),
        (400, "x does not support tools", InvalidInput),
        (400, "the prompt has 9 tokens and the context window (num_ctx) is 8", ContextOverflow),
        (500, "input length exceeds maximum context length", ContextOverflow),
    ],
)
def test_statuses(status, said, error):
    found = from_status(status, said, provider="ollama", model="x")
    assert type(found) is error
    assert said in str(found)


@pytest.mark.parametrize(
    ("foreign", "error", "gone"),
    [
        (ollama.ResponseError('{"error": "busy"}', 429), RateLimited, False),
        (httpx.ConnectTimeout("slow"), ProviderUnavailable, False),
        (httpx.ReadTimeout("slow"), ProviderTimeout, False),
        (httpx.ConnectError("no"), ProviderUnavailable, True),
        (httpx.ReadError("reset"), ProviderUnavailable, True),
        (ConnectionError("no"), ProviderUnavailable, True),
        (ValueError("not JSON"), BadReply, False),
        (AttributeError("list has no get"), BadReply, False),
    ],
)
def test_translation_keeps_the_cause_and_tells_of_a_lost_server(foreign, error, gone):
    lost = []
    with pytest.raises(error) as caught, translated(provider="ollama", lost=lambda: lost.append(True)):
        raise foreign
    assert caught.value.__cause__ is foreign
    assert bool(lost) is gone
