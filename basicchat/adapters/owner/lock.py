"""Who owns the library: a file lock of the operating system, and a card that says how to reach the owner.

The lock ends with its process, however that ends, so a lock that is held is never stale. The card
(``owner.json``, readable by its user alone) may outlive its process; it counts only while the lock is held.
"""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import StoreError, StoreLocked


@dataclass(frozen=True, slots=True)
class OwnerCard:
    """How to reach the owner. ``url`` is empty for an owner that takes no calls, such as a command that runs."""

    pid: int
    host: str
    started_at: float
    doing: str
    url: str = ""
    token: str = ""


class OwnerLock:
    """Holds the library for this process between `acquire` and `release`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._card_file = home / "owner.json"
        self._lock = FileLock(str(home / "owner.lock"))
        self._card: OwnerCard | None = None

    def acquire(self, *, doing: str, wait: float = 0.0) -> bool:
        """Own the library, waiting at most ``wait`` seconds. False when somebody else still does.

        Raises `StoreError` when the home cannot be written.
        """
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=wait)
        except Timeout:
            return False
        except OSError as error:
            raise StoreError(
                f"The folder {self._home} cannot be written: {error.strerror}.",
                hint="Choose a folder you may write to with BASICCHAT_HOME.",
            ) from error
        self._card = OwnerCard(pid=os.getpid(), host=socket.gethostname(), started_at=time.time(), doing=doing)
        self._write(self._card)
        return True

    def announce(self, *, url: str, token: str) -> None:
        """Say where this owner takes calls. Only for the holder of the lock."""
        if self._card is None:
            raise StoreError("Only the owner of the library may announce itself.")
        self._card = replace(self._card, url=url, token=token)
        self._write(self._card)

    def release(self) -> None:
        """Give the library back. Nothing happens if this process does not own it."""
        if self._card is not None:
            self._card = None
            self._card_file.unlink(missing_ok=True)
        self._lock.release()

    def card(self) -> OwnerCard | None:
        """The card of whoever wrote it last, None if there is none that can be read."""
        try:
            return from_json(OwnerCard, json.loads(self._card_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def refusal(self) -> StoreLocked:
        """The error to raise when the library is taken and its owner takes no calls."""
        card = self.card()
        if card is None:
            return StoreLocked(f"Another program is using the library in {self._home}.")
        since = time.strftime("%H:%M", time.localtime(card.started_at))
        where = "" if card.host == socket.gethostname() else f" on the computer {card.host}"
        return StoreLocked(
            f"Another BasicChat ({card.doing}, process {card.pid}{where}, since {since}) "
            f"is using the library in {self._home}.",
            hint="Wait until it is done or close it, or use another BASICCHAT_HOME.",
        )

    def _write(self, card: OwnerCard) -> None:
        draft = self._card_file.with_suffix(f".{os.getpid()}.tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(to_json(card), file)
        draft.replace(self._card_file)
