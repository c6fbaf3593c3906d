"""Backups: one file with everything that cannot be made again, made while the library is used.

The library's database is copied as of one moment; the kept originals never change and are found by their digests.
Indexes, model files and jobs stay out: indexes are built again from the vectors that the database keeps.
"""

from __future__ import annotations

import re
import tempfile
import time
import tomllib
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from basicchat.core.errors import Conflict, StoreError
from basicchat.core.protocols import Store, Tell, silent
from basicchat.core.types import Progress
from basicchat.service.archive import (
    FILES,
    LIBRARY,
    SETTINGS,
    ArchiveReader,
    ArchiveWriter,
    Manifest,
    damaged,
    reading,
)

MOST_SNAPSHOTS = 10
"""Snapshots of a library whose originals go away while they are packed, before the backup is given up."""

SECRET = re.compile(r"(^|_)(key|token|secret|password|passphrase|credentials?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Backups:
    """Makes and checks backups of the library at ``library`` with its originals in ``files``.

    ``open_store`` opens a copy of the library; ``version`` is the program's. The library itself may be owned by
    another process.
    """

    library: Path
    files: Path
    settings: Path
    open_store: Callable[[Path], Store]
    version: str

    def create(self, target: Path, *, tell: Tell = silent) -> tuple[Path, Manifest]:
        """Make a backup: a new file, or one named after the time in a folder that is there. Where it is, what it holds.

        The file has its name only once it is whole. Raises `Conflict` for a file that is there, and `StoreError`.
        """
        file = target / f"basicchat-{time.strftime('%Y%m%d-%H%M%S')}.zip" if target.is_dir() else target
        if file.exists():
            raise Conflict(f"{file} is there already.", hint="Choose another name, or name a folder.")
        partial = file.with_name(f".{file.name}.{uuid.uuid4().hex}.partial")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=file.parent, prefix=".basicchat-") as scratch:
                partial.touch(mode=0o600)
                with zipfile.ZipFile(partial, "w", allowZip64=True, compresslevel=1) as archive:
                    manifest = self._write(ArchiveWriter(archive), Path(scratch) / LIBRARY, tell)
            partial.replace(file)
        except OSError as error:
            raise StoreError(
                f"The backup cannot be written: {error.strerror or error}.", hint="Choose another place, or make room."
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return file, manifest

    def verify(self, file: Path, *, tell: Tell = silent) -> Manifest:
        """Read every byte of a backup and check it. Raises `InvalidInput` for one that cannot be trusted."""
        with reading(file) as archive, tempfile.TemporaryDirectory(prefix="basicchat-") as scratch:
            unpack(archive, Path(scratch), tell=tell, only=LIBRARY)
            self.check_library(archive, Path(scratch) / LIBRARY)
            return archive.manifest

    def check_library(self, archive: ArchiveReader, library: Path) -> None:
        """Check the database of a backup, and that every original it names is there. Raises `InvalidInput`."""
        store = self.open_store(library)
        try:
            if problems := store.check():
                raise damaged(archive.file, problems[0].rstrip("."))
            with store.begin() as unit:
                needed = set(unit.documents.stored())
        finally:
            store.close()
        held = {member.name.removeprefix(FILES) for member in archive.manifest.members}
        if gone := needed - held - set(archive.manifest.lost):
            raise damaged(archive.file, f"it lacks {len(gone)} originals")

    def _write(self, archive: ArchiveWriter, copy: Path, tell: Tell) -> Manifest:
        lost = self._write_originals(archive, copy, tell)
        tell(Progress("packing the library"))
        archive.add(LIBRARY, copy)
        if settings := self._settings():
            archive.add_text(SETTINGS, settings)
        return archive.finish(version=self.version, counts=self._counts(copy), lost=tuple(sorted(lost)))

    def _write_originals(self, archive: ArchiveWriter, copy: Path, tell: Tell) -> set[str]:
        """Leave a snapshot in ``copy`` all of whose originals are packed; those that are gone for good are given.

        An original that vanishes meanwhile belonged to a document that was removed: the next snapshot lacks both.
        """
        held: set[str] = set()
        before: set[str] | None = None
        for _ in range(MOST_SNAPSHOTS):
            needed = self._snapshot(copy)
            missing = set()
            for path in sorted(needed - held):
                tell(Progress("packing originals", len(held), len(needed), "files"))
                try:
                    archive.add(FILES + path, self.files / path)
                    held.add(path)
                except FileNotFoundError:
                    missing.add(path)
            if not missing or missing == before:
                return missing
            before = missing
        raise StoreError("Files leave the library faster than they can be packed.", hint="Try again a little later.")

    def _snapshot(self, copy: Path) -> set[str]:
        source = self.open_store(self.library)
        source.snapshot(copy)
        source.close()
        store = self.open_store(copy)
        try:
            with store.begin() as unit:
                return set(unit.documents.stored())
        finally:
            store.close()

    def _counts(self, copy: Path) -> dict[str, int]:
        store = self.open_store(copy)
        try:
            with store.begin() as unit:
                documents = unit.documents.find()
                return {
                    "documents": len(documents),
                    "passages": sum(document.chunk_count for document in documents),
                    "conversations": len(unit.conversations.find(limit=1_000_000)),
                    "originals": len(unit.documents.stored()),
                }
        finally:
            store.close()

    def _settings(self) -> str:
        """The file of settings without lines that hold a secret; empty where it cannot be told which those are."""
        try:
            lines = self.settings.read_text(encoding="utf-8").splitlines()
            kept = "\n".join(line for line in lines if not SECRET.search(line.partition("=")[0].strip(" \"'")))
            return "" if _holds_secret(tomllib.loads(kept)) else kept
        except (OSError, ValueError):
            return ""


def unpack(archive: ArchiveReader, folder: Path, *, tell: Tell, only: str = "") -> None:
    """Read every member of a backup, and write it under ``folder``, or ``only`` the one of that name."""
    members = archive.manifest.members
    for done, member in enumerate(members):
        tell(Progress("reading the backup", done, len(members), "files"))
        archive.unpack(member, folder / member.name if only in ("", member.name) else None)


def _holds_secret(tree: Mapping[str, Any]) -> bool:
    return any(
        SECRET.search(name) is not None or (isinstance(value, Mapping) and _holds_secret(value))
        for name, value in tree.items()
    )
