"""A cache in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class _Entry:
    value: bytes
    tags: frozenset[str]
    expires: float


class MemoryCache:
    """Keeps at most ``limit`` bytes of values. Gone when the process ends."""

    def __init__(self, *, limit: int = 10_000_000, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._closed = False

    def get(self, key: str) -> bytes | None:
        """The value, or None."""
        with self._lock:
            self._forget_expired()
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key].value

    def set(self, key: str, value: bytes, *, tags: Sequence[str] = (), seconds: float | None = None) -> None:
        """Keep it, at most ``seconds`` long, in place of what the key had before. One that is too large is not kept."""
        with self._lock:
            self._entries.pop(key, None)
            if self._closed or len(value) > self._limit:
                return
            expires = float("inf") if seconds is None else self._clock() + seconds
            self._entries[key] = _Entry(value, frozenset(tags), expires)
            while sum(len(entry.value) for entry in self._entries.values()) > self._limit:
                self._entries.popitem(last=False)

    def tagged(self, tag: str) -> dict[str, bytes]:
        """Everything with this tag by its key, used least lately first. Looking is no use."""
        with self._lock:
            self._forget_expired()
            return {key: entry.value for key, entry in self._entries.items() if tag in entry.tags}

    def forget(self, tag: str) -> int:
        """Drop everything with this tag, for good; how many that were."""
        with self._lock:
            gone = [key for key, entry in self._entries.items() if tag in entry.tags]
            for key in gone:
                del self._entries[key]
            return len(gone)

    def close(self) -> None:
        """A closed cache is empty."""
        with self._lock:
            self._closed = True
            self._entries.clear()

    def _forget_expired(self) -> None:
        now = self._clock()
        for key in [key for key, entry in self._entries.items() if entry.expires <= now]:
            del self._entries[key]
