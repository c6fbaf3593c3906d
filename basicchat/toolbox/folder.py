"""The one folder that tools may look into: nothing outside it is reached, by no spelling and through no link."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

from basicchat.core.errors import Conflict, InvalidInput, NotFound, ToolDenied

NONE_CHOSEN = "Choose one with BASICCHAT_TOOLS__FOLDER, or `folder` under `[tools]` in settings.toml."
MOST_WRITTEN = 5_000_000
"""Bytes of a file that is written."""


class ChosenFolder:
    """A `FileSpace` over a folder, or over none, which says how to choose one."""

    def __init__(self, root: Path | None) -> None:
        self._root = root

    def entries(self, path: str = "") -> list[str]:
        """Names in a folder, sorted, those of folders with a slash; links and hidden files are left out."""
        folder = self._inside(path)
        if not folder.is_dir():
            raise NotFound(f"There is no folder {path or '.'}.")
        found = [each for each in folder.iterdir() if not each.is_symlink() and not each.name.startswith(".")]
        return sorted(each.name + ("/" if each.is_dir() else "") for each in found)

    def read(self, path: str, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a file. Raises `NotFound`, and `ToolDenied` for whatever is no plain file."""
        file = self._inside(path)
        if not file.exists():
            raise NotFound(f"There is no file {path}.", hint=self._names(file.parent))
        if not file.is_file():
            raise ToolDenied(f"{path} is not a file.", hint=self._names(file))
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as opened:
            return opened.read(limit)

    def write(self, path: str, data: bytes, *, replace: bool = False) -> None:
        """Write a file whole. Raises `Conflict` where there is one and it is not to be replaced, and `ToolDenied`."""
        if len(data) > MOST_WRITTEN:
            raise InvalidInput(f"That is longer than the {MOST_WRITTEN:,} bytes that may be written.")
        file = self._inside(path)
        if file.is_dir() or file == self._base():
            raise ToolDenied(f"{path or '.'} is a folder.")
        if file.exists() and not replace:
            raise Conflict(f"There is a file {path} already.", hint="Say that it is to be replaced, or name another.")
        file.parent.mkdir(parents=True, exist_ok=True)
        how = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | (os.O_TRUNC if replace else os.O_EXCL)
        with os.fdopen(os.open(file, how, 0o600), "wb") as opened:
            opened.write(data)

    def _base(self) -> Path:
        if self._root is None:
            raise ToolDenied("No folder has been chosen for files.", hint=NONE_CHOSEN)
        root = self._root.expanduser()
        if not root.is_dir():
            raise NotFound(f"The chosen folder {root} is not there.", hint=NONE_CHOSEN)
        return root.resolve()

    def _inside(self, path: str) -> Path:
        """The path inside the folder. Every part of it is looked at, so no link on the way leads out."""
        base = self._base()
        parts = Path(path).parts
        odd = "\0" in path or PureWindowsPath(path).drive or PureWindowsPath(path).root or "\\" in path
        if odd or any(part == ".." or part.startswith("~") for part in parts):
            raise ToolDenied(f"{path!r} does not lie inside the chosen folder.", hint="Give a path relative to it.")
        place = base
        for part in parts:
            place = place / part
            if place.is_symlink():
                raise ToolDenied(f"{path} leads through a link, and links are not followed.")
        if not place.resolve().is_relative_to(base):
            raise ToolDenied(f"{path!r} does not lie inside the chosen folder.")
        return place

    def _names(self, folder: Path) -> str:
        inside = folder.is_dir() and folder.resolve().is_relative_to(self._base())
        names = self.entries(folder.resolve().relative_to(self._base()).as_posix()) if inside else []
        return f"There are: {', '.join(names[:20])}." if names else ""
