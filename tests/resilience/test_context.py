"""Whether the server read what was sent."""

from __future__ import annotations

import pytest

from basicchat.core.types import TokenCount
from basicchat.resilience import context_mismatch


@pytest.mark.parametrize(
    ("tokens", "exact", "reported"),
    [
        (1000, True, 1000),
        (1000, True, 985),
        (1000, True, 1020),
        (10, True, 12),
        (1000, True, None),
        (1000, True, 0),
        (1000, False, 700),
        (1000, False, 1500),
    ],
)
def test_no_warning(tokens, exact, reported):
    assert context_mismatch(TokenCount(tokens, exact), reported, 4096) == ""


@pytest.mark.parametrize(
    ("tokens", "exact", "reported", "words"),
    [
        (1000, True, 900, "read 900 tokens of a prompt of 1000"),
        (1000, True, 1100, "read 1100"),
        (1000, False, 400, "about 1000"),
        (5000, False, 4096, "whole window of 4096"),
        (4000, True, 4096, "whole window"),
    ],
)
def test_a_warning(tokens, exact, reported, words):
    assert words in context_mismatch(TokenCount(tokens, exact), reported, 4096)
