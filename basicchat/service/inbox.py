"""The inbox: uploaded files until they have been taken in."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence, Set
from pathlib import Path, PurePosixPath

from basicchat.core.errors import StoreError

NAME_LENGTH = 200
"""Characters of an uploaded file's name that are kept, its ending among them."""

KEPT_SECONDS = 7 * 24 * 3600
"""How long an upload that could not be taken in is kept for another try."""


class Inbox:
    """A folder of uploads under names of our own: what they are called is only ever shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, uploads: Sequence[tuple[str, bytes]]) -> dict[str, str]:
        """Write (name, bytes) down; the name to show by path. Raises `StoreError` and leaves nothing behind."""
        names: dict[str, str] = {}
        for name, data in uploads:
            path = self._folder / uuid.uuid4().hex
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except OSError as error:
                self.discard([*names, str(path)])
                raise StoreError(f"The upload cannot be written: {error.strerror}.", hint="Free some space.") from error
            names[str(path)] = distinct(shown_name(name), names.values())
        return names

    def holds(self, path: str) -> bool:
        """Whether this is the path of an upload."""
        return Path(path).parent == self._folder

    def discard(self, paths: Iterable[str]) -> None:
        """Delete uploads. Other files, and those that are gone, are left alone."""
        for path in paths:
            if self.holds(path):
                Path(path).unlink(missing_ok=True)

    def sweep(self, in_use: Set[str]) -> None:
        """Delete what nobody came back for."""
        for path in self.forgotten(in_use):
            path.unlink(missing_ok=True)

    def forgotten(self, in_use: Set[str]) -> list[Path]:
        """What nobody came back for: older than `KEPT_SECONDS`, and no job that goes on wants it."""
        oldest = time.time() - KEPT_SECONDS
        files = [path for path in self._folder.glob("*") if str(path) not in in_use and path.is_file()]
        return [path for path in files if path.stat().st_mtime < oldest]


def shown_name(name: str) -> str:
    """An uploaded file's name for people: its last part, printable, not too long, never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in last).split())
    if len(clean) > NAME_LENGTH:
        suffix = PurePosixPath(clean).suffix[:20]
        clean = clean[: NAME_LENGTH - len(suffix)] + suffix
    return clean.strip(". ") or "document"


def distinct(name: str, taken: Iterable[str]) -> str:
    """The name, with a number where it is taken."""
    known, number = set(taken), 2
    path, candidate = PurePosixPath(name), name
    while candidate in known:
        candidate = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return candidate
