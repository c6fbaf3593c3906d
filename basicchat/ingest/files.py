"""Finding the files to take in, and keeping the originals."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from basicchat.core.errors import StoreError
from basicchat.ingest.detect import suffix_of

UNLOCKED = "-unlocked"
"""In the name of a kept file says that it is not the file that was taken in, but a copy of it without its lock."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to take in. ``asked`` says that it was named itself, not found in a folder."""

    path: Path
    asked: bool


Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds: what tells without reading that a file is the same."""


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file. Raises `OSError`."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def source_of(path: Path) -> str:
    """The name of a file in the library: absolute, without ``.`` and ``..``. Links keep their own names."""
    return os.path.abspath(path)


def find_files(paths: Iterable[Path], *, asked: bool = True) -> Iterator[FoundFile]:
    """The named files, and every file in the named folders by name, each once.

    In folders, hidden files and folders are passed over, and so are links to folders, which may lead in circles.
    What is named but not there is handed out too: the caller says so. ``asked`` is what is said of named files.
    """
    seen: set[str] = set()
    for path in paths:
        found = (FoundFile(file, asked=False) for file in _walk(path)) if path.is_dir() else [FoundFile(path, asked)]
        for file in found:
            source = source_of(file.path)
            if source not in seen:
                seen.add(source)
                yield file


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith((".", "~$")) and _is_file(path):
                yield path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a link that points at itself
        return False


Unlock = Callable[[Path, str, Path], bool]
"""Writes a copy of a file (first) that needs a password (second) to where it will need none; False if it cannot."""


class Originals:
    """Copies of the files that were taken in, under names made from their digests.

    ``unlock`` says by media type how a locked file is copied so that its pages can be drawn later on.
    """

    def __init__(self, folder: Path, *, unlock: Mapping[str, Unlock] | None = None) -> None:
        self._folder = folder
        self._unlock = unlock or {}

    def keep(self, path: Path, *, digest: str, media_type: str, password: str = "") -> str:
        """Copy a file, unless it is there; its path relative to the folder. Raises `StoreError`."""
        relative = f"{digest[:2]}/{digest}{suffix_of(media_type)}"
        if password and (unlock := self._unlock.get(media_type)):
            opened = f"{digest[:2]}/{digest}{UNLOCKED}{suffix_of(media_type)}"
            if self._keep_unlocked(path, self._folder / opened, password, unlock):
                return opened
        target = self._folder / relative
        if target.exists():
            return relative
        partial = target.with_name(f"{uuid.uuid4().hex}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, partial)
            partial.replace(target)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StoreError(f"The file cannot be copied into the library: {error.strerror}.") from error
        return relative

    def _keep_unlocked(self, path: Path, target: Path, password: str, unlock: Unlock) -> bool:
        if target.exists():
            return True
        partial = target.with_name(f"{uuid.uuid4().hex}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not unlock(path, password, partial):
                partial.unlink(missing_ok=True)
                return False
            partial.replace(target)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StoreError(f"The file cannot be copied into the library: {error.strerror}.") from error
        return True

    def path(self, stored_as: str) -> Path | None:
        """Where a kept original is, None if it is lost."""
        path = self._folder / stored_as
        return path if path.is_file() else None

    def remove(self, stored_as: str) -> None:
        """Forget an original. No error if it is not there. Raises `StoreError`."""
        try:
            (self._folder / stored_as).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"The kept file cannot be removed: {error.strerror}.") from error
