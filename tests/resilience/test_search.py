"""Several search engines as one."""

from __future__ import annotations

import pytest

from basicchat.core.errors import ProviderUnavailable, RateLimited
from basicchat.core.tools import WebResult
from basicchat.resilience.breaker import BreakerPolicy
from basicchat.resilience.search import FallbackSearch
from basicchat.testing.tools import ScriptedSearch

ONE = WebResult("One", "https://one.example/", "")
BUSY = RateLimited("a asks to be left alone.", provider="a")


def test_the_next_is_asked_when_one_cannot() -> None:
    first, second = ScriptedSearch(error=BUSY, name="a"), ScriptedSearch([ONE], name="b")
    assert FallbackSearch([first, second]).search("x", limit=5, seconds=5) == [ONE]


def test_one_that_keeps_failing_is_left_alone() -> None:
    first, second = ScriptedSearch(error=BUSY, name="a"), ScriptedSearch([ONE], name="b")
    search = FallbackSearch([first, second], policy=BreakerPolicy(failures=2, pause_seconds=60))
    for _ in range(5):
        search.search("x", limit=5, seconds=5)
    assert (len(first.asked), len(second.asked)) == (2, 5)


def test_when_nobody_answers_every_reason_is_told_and_nothing_made_up() -> None:
    search = FallbackSearch([ScriptedSearch(error=BUSY, name="a"), ScriptedSearch(error=BUSY, name="b")])
    with pytest.raises(ProviderUnavailable, match=r"a: a asks to be left alone; b: a asks"):
        search.search("x", limit=5, seconds=5)


def test_nothing_found_is_nothing_only_if_somebody_answered() -> None:
    assert FallbackSearch([ScriptedSearch(error=BUSY), ScriptedSearch()]).search("x", limit=5, seconds=5) == []
    assert FallbackSearch([ScriptedSearch(), ScriptedSearch([ONE])]).search("x", limit=5, seconds=5) == [ONE]
    for engines, seconds in (([], 5), ([ScriptedSearch([ONE])], 0)):
        with pytest.raises(ProviderUnavailable):
            FallbackSearch(engines).search("x", limit=5, seconds=seconds)
