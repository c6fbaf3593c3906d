"""Backups of the library of some settings."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.bootstrap import parts
from basicchat.bootstrap.opening import owner_lock
from basicchat.core.protocols import Tell, silent
from basicchat.service.archive import Manifest
from basicchat.service.backup import Backups
from basicchat.service.restore import Restore
from basicchat.settings import Settings


def open_backups(settings: Settings) -> Backups:
    """Makes and checks backups. The library may be owned by another process."""
    home = parts.state_folder(settings)
    return Backups(
        library=home / "basicchat.sqlite",
        files=home / "files",
        settings=settings.home / "settings.toml",
        open_store=SqlStore,
        version=version("basicchat"),
    )


def restore_backup(
    settings: Settings, file: Path, *, force: bool = False, tell: Tell = silent
) -> tuple[Manifest, Path | None]:
    """Put a backup in place, as `Restore.restore` does. Raises `StoreLocked` while another process owns the home."""
    lock = owner_lock(settings)
    if not lock.acquire(doing="restore"):
        raise lock.refusal()
    try:
        return Restore(parts.state_folder(settings), open_backups(settings)).restore(file, force=force, tell=tell)
    finally:
        lock.release()
