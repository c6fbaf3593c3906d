"""What lies in a followed folder, seen without opening a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.ingest.files import Stamp

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".basicchatignore"
"""Holds patterns as in ``.gitignore``, for the folder it lies in and everything under it."""

UNFINISHED = ("~$*", "*.part", "*.partial", "*.crdownload", "*.tmp", "*.swp", "*~")
"""Files that a program is still working on."""


@dataclass
class Scan:
    """Files by path with their stamps. Of what lies in ``unreadable`` places nothing is known.

    ``there`` is False where the folder itself cannot be looked at, ``empty`` says that nothing at all lies in it.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    there: bool = True
    empty: bool = False

    def knows(self, path: str) -> bool:
        """Whether this would show the path if there was such a file."""
        return not any(path == place or path.startswith(os.path.join(place, "")) for place in self.unreadable)


@dataclass(frozen=True)
class _Patterns:
    """Patterns and the folder that they are about."""

    folder: str
    spec: GitIgnoreSpec

    def match(self, path: str, *, is_folder: bool) -> bool:
        relative = os.path.relpath(path, self.folder).replace(os.sep, "/")
        return bool(self.spec.match_file(f"{relative}/" if is_folder else relative))


def scan(root: Path, ignore: Sequence[str] = ()) -> Scan:
    """Every file under ``root`` that is not ignored. Never raises for what it cannot see.

    Hidden files are passed over, and what is unfinished. Links to folders are not followed, and links to files only
    where those lie under ``root`` too.
    """
    found = Scan()
    top = os.path.abspath(root)
    try:
        with os.scandir(top) as entries:
            found.empty = next(entries, None) is None
    except OSError:
        return Scan(there=False)
    _walk(top, [_patterns(top, [*UNFINISHED, *ignore])], os.path.realpath(top), found)
    return found


def _walk(folder: str, patterns: Sequence[_Patterns], real_top: str, found: Scan) -> None:
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        own = _own_patterns(folder)
    except OSError:
        found.unreadable.append(folder)
        return
    patterns = [*patterns, *own]
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            if any(each.match(entry.path, is_folder=is_folder) for each in patterns):
                continue
            if is_folder:
                _walk(entry.path, patterns, real_top, found)
            elif entry.is_file() and _inside(entry, real_top):
                stat = entry.stat()
                found.files[entry.path] = stat.st_size, stat.st_mtime_ns
        except OSError:  # it may be there or not: what is known of it stays
            found.unreadable.append(entry.path)


def _inside(entry: os.DirEntry[str], real_top: str) -> bool:
    """Whether a file lies under the top folder, and not a link's length away from it."""
    return not entry.is_symlink() or os.path.realpath(entry.path).startswith(os.path.join(real_top, ""))


def _own_patterns(folder: str) -> Iterator[_Patterns]:
    try:
        text = Path(folder, IGNORE_FILE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return iter(())
    return iter([_patterns(folder, text.splitlines())])


def _patterns(folder: str, lines: Sequence[str]) -> _Patterns:
    from pathspec import GitIgnoreSpec

    return _Patterns(folder, GitIgnoreSpec.from_lines(lines))
