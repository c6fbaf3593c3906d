"""Model files in a folder: which of them is there, and which bytes it holds."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from basicchat.core.errors import DependencyMissing, StoreError

DIGEST_NOTE = ".model.digest.json"
READ_SIZE = 1 << 20


def model_file(folder: Path, name: str) -> Path:
    """The file of a model. Raises `DependencyMissing` with the command that fetches the model."""
    file = folder / name
    if not file.is_file():
        raise DependencyMissing(f"The model {folder.name}", hint=f"Fetch it with: basicchat models pull {folder.name}")
    return file


def digest_of(file: Path) -> str:
    """The sha256 of a file, read again only when its size or time has changed.

    A note beside the file keeps it; in a folder that may not be written it is read at each start (34 MB: 0.1 s).
    """
    stat = file.stat()
    note = file.with_name(DIGEST_NOTE)
    key = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(note.read_text(encoding="utf-8"))
        if known["size"] == key["size"] and known["mtime_ns"] == key["mtime_ns"]:
            return str(known["sha256"])
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(READ_SIZE):
            digest.update(block)
    with suppress(OSError):
        note.write_text(json.dumps({**key, "sha256": digest.hexdigest()}), encoding="utf-8")
    return digest.hexdigest()


def name_of(folder: Path, weights: str) -> str:
    """The folder's name and the first 12 digits of the weights' sha256: ``bge-small-en-v1.5-int8@68807e3ff2ab``."""
    return f"{folder.name}@{digest_of(model_file(folder, weights))[:12]}"


def damaged(file: Path) -> StoreError:
    """The error for a file that is there and cannot be loaded."""
    name = file.parent.name
    return StoreError(
        f"The model file {file.name} of {name} is damaged.",
        hint=f"Fetch it again with: basicchat models remove {name}, then basicchat models pull {name}",
    )
