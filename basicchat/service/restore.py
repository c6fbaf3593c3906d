"""Putting a backup in place: everything is unpacked and checked beside the home before anything there is touched."""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from basicchat.core.errors import BasicChatError, Conflict, StoreError
from basicchat.core.protocols import Tell, silent
from basicchat.ingest.embed import batches
from basicchat.ingest.standing import keep_standing, standing_in
from basicchat.service.archive import LIBRARY, SETTINGS, ArchiveReader, Manifest, damaged, reading
from basicchat.service.backup import Backups, unpack

STAY = frozenset({"models", "logs", "fake", "settings.toml", "owner.lock", "owner.json"})
"""What a home keeps when another library moves in."""

MANY = 500


@dataclass(frozen=True)
class Restore:
    """Puts backups into ``home``, which this process owns. ``backups`` describes the library there."""

    home: Path
    backups: Backups

    def restore(self, file: Path, *, force: bool = False, tell: Tell = silent) -> tuple[Manifest, Path | None]:
        """Put a backup in place; what it holds, and where the library lies that was there before.

        The indexes are empty afterwards and every document says so. Raises `Conflict` for a home with a library in
        it unless told to go on by ``force``, `InvalidInput` for a backup that cannot be trusted, and `StoreError`.
        A home is as it was after each of them.
        """
        if not force and self._is_used():
            raise Conflict(
                f"There is a library in {self.home} already.",
                hint="Give another --home, or --force, which moves that library aside and keeps it.",
            )
        staged = self.home / f".restoring-{uuid.uuid4().hex}"
        try:
            with reading(file) as archive:
                self._refuse_too_large(archive)
                unpack(archive, staged, tell=tell)
                if not (staged / LIBRARY).is_file():
                    raise damaged(file, "it holds no library")
                self.backups.check_library(archive, staged / LIBRARY)
                self._prepare(staged / LIBRARY)
                aside = self._move_aside()
                self._move_in(staged)
                return archive.manifest, aside
        except OSError as error:
            raise StoreError(f"The backup cannot be put in place: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def _is_used(self) -> bool:
        if not self.backups.library.exists():
            return self.backups.files.is_dir() and any(self.backups.files.iterdir())
        try:
            store = self.backups.open_store(self.backups.library)
            with store.begin() as unit:
                used = bool(unit.documents.count() or unit.conversations.find(limit=1))
            store.close()
        except BasicChatError:
            return True
        return used

    def _refuse_too_large(self, archive: ArchiveReader) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        wanted, free = sum(member.size for member in archive.manifest.members), shutil.disk_usage(self.home).free
        if wanted > free:
            raise StoreError(
                f"The backup needs {wanted / 1e9:.1f} GB and {free / 1e9:.1f} GB are free.",
                hint="Free some space, or name a home on a larger disk with --home.",
            )

    def _prepare(self, library: Path) -> None:
        """Let the database say what is true in its new place: nothing is indexed, and folders may not be there."""
        store = self.backups.open_store(library)
        try:
            with store.begin() as unit:
                for part in batches([document.id for document in unit.documents.find()], MANY):
                    unit.documents.mark_indexed(part, indexed=False)
                if standing := standing_in(unit):
                    keep_standing(unit, replace(standing, building=None, previous=None, dropped=()))
                for folder in unit.folders.find():
                    if not Path(folder.path).is_dir():  # following it would take its documents for deleted
                        unit.folders.add(replace(folder, paused=True))
        finally:
            store.close()

    def _move_aside(self) -> Path | None:
        """Move what the home holds of a library into a folder of its own; where that is."""
        there = [path for path in self.home.iterdir() if path.name not in STAY and not _is_ours(path)]
        if not there:
            return None
        aside = self.home / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:4]}"
        aside.mkdir()
        for path in there:
            path.rename(aside / path.name)
        return aside

    def _move_in(self, staged: Path) -> None:
        """The database comes last: without it a home holds no library."""
        if (staged / "files").is_dir():
            (staged / "files").rename(self.backups.files)
        if (staged / SETTINGS).is_file() and not self.backups.settings.exists():
            (staged / SETTINGS).rename(self.backups.settings)
        (staged / LIBRARY).rename(self.backups.library)


def _is_ours(path: Path) -> bool:
    """Whether this is the work of a restore, now or before."""
    return path.name.startswith((".restoring-", "before-restore-"))
