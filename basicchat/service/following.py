"""Following folders while the program runs: something happens in one, and a little later it is synced."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from basicchat.core.errors import BasicChatError
from basicchat.core.protocols import JobQueue
from basicchat.core.types import JobState
from basicchat.service.folders import SYNC, Folders

log = logging.getLogger(__name__)

Notice = Callable[[Sequence[Path], threading.Event], Iterator[frozenset[Path]]]
"""Yields the folders in which something has happened, none now and then, until the event is set."""

SYNC_ALL_SECONDS = 900.0
"""How often every folder is looked at whatever was noticed: shares on a network notice nothing."""

JOIN_SECONDS = 10.0


class Following:
    """Syncs folders in the background, one job for all that has happened since the last one began."""

    def __init__(self, *, folders: Folders, jobs: JobQueue, notice: Notice) -> None:
        self._folders = folders
        self._jobs = jobs
        self._notice = notice
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, with a sync of every folder. Twice is once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="following", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop noticing. What was submitted goes on."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        due: set[Path] = set()
        synced_at = -SYNC_ALL_SECONDS
        while not self._stop.is_set():
            roots = self._roots()
            for happened in self._notice(roots, self._stop):
                due |= happened & set(roots)
                if time.monotonic() - synced_at >= SYNC_ALL_SECONDS:
                    due, synced_at = set(roots), time.monotonic()
                due -= {root for root in due if self._submitted(root)}
                if self._stop.is_set() or self._roots() != roots:
                    break
            due |= set(self._roots()) - set(roots)

    def _roots(self) -> list[Path]:
        try:
            return [Path(folder.path) for folder in self._folders.all() if not folder.paused]
        except BasicChatError as error:
            log.warning("the followed folders cannot be read: %s", error)
            return []

    def _submitted(self, root: Path) -> bool:
        """Whether the folder will be looked at: not while a sync that may have passed the place is still running."""
        try:
            if any(job.state is JobState.RUNNING for job in self._jobs.find(kind=SYNC)):
                return False
            self._folders.submit(str(root))
        except BasicChatError as error:
            log.warning("the folder %s is not followed now: %s", root, error)
        return True
