"""What every cache promises."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from basicchat.core.protocols import Cache

LIMIT = 1_000


class Clock:
    """A time that tests move on."""

    now = 1_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class CacheContract:
    """Override `make` with a fixture that makes an empty cache of a limit in bytes, over a clock."""

    @pytest.fixture
    def make(self) -> Callable[[int, Callable[[], float]], Cache]:
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def cache(self, make: Callable[[int, Callable[[], float]], Cache], clock: Clock) -> Cache:
        return make(LIMIT, clock)

    def test_what_is_kept_comes_back(self, cache: Cache) -> None:
        assert cache.get("a") is None
        cache.set("a", b"one\x00\xff")
        cache.set("b", b"")
        assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"one\x00\xff", b"", None)

    def test_the_last_value_of_a_key_counts(self, cache: Cache) -> None:
        cache.set("a", b"one", tags=["old"])
        cache.set("a", b"two", tags=["new"])
        assert cache.get("a") == b"two"
        assert cache.tagged("old") == {}
        assert cache.tagged("new") == {"a": b"two"}

    def test_a_tag_is_forgotten_whole(self, cache: Cache) -> None:
        cache.set("a", b"one", tags=["x", "y"])
        cache.set("b", b"two", tags=["y", "y"])
        cache.set("c", b"three")
        assert cache.forget("none") == 0
        assert cache.forget("x") == 1
        assert cache.tagged("y") == {"b": b"two"}
        assert cache.forget("y") == 1
        assert (cache.get("a"), cache.get("b"), cache.get("c")) == (None, None, b"three")

    def test_what_was_used_least_lately_goes_first(self, cache: Cache) -> None:
        for key in ("a", "b", "c"):
            cache.set(key, b"x" * 300, tags=["all"])
        cache.get("a")
        cache.set("d", b"x" * 300, tags=["all"])
        assert list(cache.tagged("all")) == ["c", "a", "d"]
        cache.set("e", b"x" * 999, tags=["all"])
        assert list(cache.tagged("all")) == ["e"]

    def test_looking_at_a_tag_is_no_use(self, cache: Cache) -> None:
        cache.set("a", b"x" * 400, tags=["first"])
        cache.set("b", b"x" * 400)
        cache.tagged("first")
        cache.set("c", b"x" * 400)
        assert cache.get("a") is None

    def test_what_is_too_large_is_not_kept(self, cache: Cache) -> None:
        cache.set("a", b"one")
        cache.set("b", b"two")
        cache.set("a", b"x" * (LIMIT + 1))
        assert (cache.get("a"), cache.get("b")) == (None, b"two")

    def test_what_has_expired_is_gone(self, cache: Cache, clock: Clock) -> None:
        cache.set("a", b"one", tags=["x"], seconds=10)
        cache.set("b", b"two", tags=["x"])
        clock.now += 9
        assert cache.get("a") == b"one"
        clock.now += 1
        assert cache.get("a") is None
        assert cache.tagged("x") == {"b": b"two"}

    def test_a_closed_cache_is_empty(self, cache: Cache) -> None:
        cache.set("a", b"one", tags=["x"])
        cache.close()
        cache.close()
        cache.set("b", b"two")
        assert (cache.get("a"), cache.get("b"), cache.tagged("x"), cache.forget("x")) == (None, None, {}, 0)

    def test_threads_side_by_side(self, cache: Cache) -> None:
        def work(name: str) -> None:
            for number in range(50):
                cache.set(f"{name}{number % 5}", name.encode(), tags=[name])
                cache.get(f"{name}{number % 3}")
            cache.forget("none")

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name in "abcd":
            assert cache.tagged(name) == {f"{name}{number}": name.encode() for number in range(5)}
