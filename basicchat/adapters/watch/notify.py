"""Noticing changes in folders: by the system's notifications where it has some, by looking where it has none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

log = logging.getLogger(__name__)

DEBOUNCE_MS = 1_600
"""A burst of changes is one: it is told when it pauses, or after this time."""
PAUSE_MS = 400
TICK_MS = 2_000
"""How often it is told that nothing has happened."""
LOOK_MS = 2_000
"""How often folders are looked at where nothing is notified."""


def notice(roots: Sequence[Path], stop: threading.Event, *, look: bool = False) -> Iterator[frozenset[Path]]:
    """Yields those of ``roots`` in which something has happened, none now and then, until ``stop`` is set.

    Folders that are not there are left out. A system that refuses to notify is asked no more: the folders are looked
    at instead, as from the start with ``look``.
    """
    present = [root for root in roots if root.is_dir()]
    while present and not stop.is_set():
        try:
            yield from _noticed(present, stop, look)
        except (OSError, RuntimeError) as error:  # out of watches, or a file system without them
            if look:
                log.warning("folders are looked at every %s s only now and then: %s", TICK_MS // 1000, error)
                break
            log.warning("the system does not notify of changes, so folders are looked at: %s", error)
            look = True
        present = [root for root in roots if root.is_dir()]
    while not stop.wait(TICK_MS / 1000):
        yield frozenset()


def _noticed(roots: Sequence[Path], stop: threading.Event, look: bool) -> Iterator[frozenset[Path]]:
    from watchfiles import watch

    changed = watch(
        *roots,
        watch_filter=None,
        debounce=DEBOUNCE_MS,
        step=PAUSE_MS,
        stop_event=stop,
        rust_timeout=TICK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=True if look else None,
        poll_delay_ms=LOOK_MS,
        ignore_permission_denied=True,
    )
    for batch in changed:
        yield frozenset(_roots_of((path for _, path in batch), roots))


def _roots_of(paths: Iterable[str], roots: Sequence[Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        yield from (root for root in roots if path == root or root in path.parents)
