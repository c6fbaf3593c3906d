"""What left this machine: a ledger of every fetch, and a watch over every connection Python tries to make.

The ledger says what the program meant to do; the watch says what the process really tried, whoever tried it.
"""

from __future__ import annotations

import ipaddress
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

LOCAL_NAMES = frozenset({"", "localhost", "localhost.", "ip6-localhost", "ip6-loopback"})
LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


@dataclass(frozen=True, slots=True)
class Egress:
    """One request to another machine. ``received`` counts bytes of its body; ``at`` is seconds since the epoch."""

    host: str
    received: int
    purpose: str
    at: float


class EgressLedger:
    """Keeps every request in memory, and as JSON lines in ``file`` when one is given. Safe to share between threads."""

    def __init__(self, file: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._entries: list[Egress] = []
        self._lock = threading.Lock()

    def record(self, host: str, received: int, *, purpose: str) -> None:
        """Note that ``host`` was asked and sent ``received`` bytes. A request that failed counts too."""
        entry = Egress(host=host, received=received, purpose=purpose, at=self._clock())
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(entry)) + "\n")

    def entries(self, *, since: float = 0.0) -> tuple[Egress, ...]:
        """Requests of this process from ``since`` on, oldest first."""
        with self._lock:
            return tuple(entry for entry in self._entries if entry.at >= since)

    def kept(self, *, since: float = 0.0) -> tuple[Egress, ...]:
        """Requests of every process that shares the file, from ``since`` on; a torn last line is left out."""
        if self._file is None or not self._file.is_file():
            return self.entries(since=since)
        found = []
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                found.append(Egress(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return tuple(entry for entry in found if entry.at >= since)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody in this process looked up or addressed another machine, whether or not it answered.

    ``accounted`` says that the request behind it goes into a ledger too.
    """

    kind: str
    host: str
    at: float
    accounted: bool = False


class EgressWatch:
    """Every attempt since it began, of any library in this process. Sockets that native code opens are not seen."""

    def __init__(self) -> None:
        self._attempts: list[Attempt] = []

    def attempts(self, *, since: float = 0.0) -> tuple[Attempt, ...]:
        """Attempts from ``since`` on, oldest first."""
        return tuple(attempt for attempt in tuple(self._attempts) if attempt.at >= since)

    def unaccounted(self, *, since: float = 0.0) -> tuple[Attempt, ...]:
        """Attempts that no ledger tells of: whoever made them went round the program's one way to the network."""
        return tuple(attempt for attempt in self.attempts(since=since) if not attempt.accounted)

    def notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take one audit event of the interpreter; all but addressed sockets are let pass unseen."""
        if event in LOOKUPS:
            host = _name(arguments[0])
        elif event in SENDS:
            address = arguments[1]
            host = _name(address[0]) if isinstance(address, tuple) and address else ""
        else:
            return
        if not is_local(host):
            known = getattr(_here, "accounted", False)
            self._attempts.append(Attempt(kind=event, host=host, at=time.time(), accounted=known))


_here = threading.local()


@contextmanager
def accounted() -> Iterator[None]:
    """Attempts of this thread inside are in a ledger as well."""
    _here.accounted = True
    try:
        yield
    finally:
        _here.accounted = False


@cache
def watch_egress() -> EgressWatch:
    """The one watch of this process, begun by the first call. An audit hook cannot be taken away again."""
    watch = EgressWatch()
    sys.addaudithook(watch.notice)
    return watch


def is_local(host: str) -> bool:
    """True for names and addresses that never leave this machine (an unspecified address means this machine)."""
    if host.lower() in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _name(host: object) -> str:
    if isinstance(host, (bytes, bytearray)):
        return bytes(host).decode("ascii", "replace")
    return host if isinstance(host, str) else ""
