"""The one file of a backup: a zip with the library, the kept originals and a manifest that knows every digest."""

from __future__ import annotations

import hashlib
import json
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import InvalidInput

FORMAT = 1
"""Raised when an older program could not read what is written."""

MANIFEST, LIBRARY, SETTINGS, FILES = "manifest.json", "library.sqlite", "settings.toml", "files/"

MOST_MANIFEST_BYTES = 512 * 2**20
"""A manifest has some 150 bytes a file: this is more files than anybody has."""

BLOCK = 1 << 20
STORED = frozenset(
    {".pdf", ".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp", ".epub", ".zip", ".gz"}
    | {".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp3", ".mp4", ".m4a", ".flac", ".ogg"}
)
"""Endings of files that are compressed already."""

SAFE_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``lost`` are originals that the library names and no longer has."""

    format: int
    version: str
    created: float
    counts: Mapping[str, int]
    members: tuple[Member, ...]
    lost: tuple[str, ...] = ()


def damaged(file: Path, what: str) -> InvalidInput:
    """The error for a backup that cannot be trusted."""
    return InvalidInput(f"The backup {file.name} is damaged: {what}.", hint="Use another backup, or make a new one.")


@dataclass
class ArchiveWriter:
    """Adds files to a zip and remembers their digests."""

    file: zipfile.ZipFile
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, path: Path) -> None:
        """Add a file. Raises `FileNotFoundError`, and then nothing is added; `OSError`."""
        with path.open("rb") as source:
            self._write(name, source, stored=path.suffix.lower() in STORED)

    def add_text(self, name: str, text: str) -> None:
        """Add a small text."""
        data = text.encode("utf-8")
        self.file.writestr(_info(name, stored=False), data)
        self.members.append(Member(name, len(data), hashlib.sha256(data).hexdigest()))

    def finish(self, *, version: str, counts: Mapping[str, int], lost: tuple[str, ...]) -> Manifest:
        """Write the manifest."""
        manifest = Manifest(FORMAT, version, time.time(), dict(counts), tuple(self.members), lost)
        self.file.writestr(_info(MANIFEST, stored=False), json.dumps(to_json(manifest), ensure_ascii=False, indent=1))
        return manifest

    def _write(self, name: str, source: IO[bytes], *, stored: bool) -> None:
        digest, size = hashlib.sha256(), 0
        with self.file.open(_info(name, stored=stored), "w", force_zip64=True) as target:
            while block := source.read(BLOCK):
                digest.update(block)
                size += len(block)
                target.write(block)
        self.members.append(Member(name, size, digest.hexdigest()))


def _info(name: str, *, stored: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, time.localtime()[:6])
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


@contextmanager
def reading(file: Path) -> Iterator[ArchiveReader]:
    """A backup to read. Raises `InvalidInput` for what is none, what is damaged and what a newer program wrote."""
    if not file.is_file():
        raise InvalidInput(f"There is no file {file}.", hint="Check the path.")
    try:
        with zipfile.ZipFile(file) as archive:
            yield ArchiveReader(file, archive, _manifest(file, archive))
    except DAMAGED as error:
        raise damaged(file, "it is cut off, changed, or no backup at all") from error


@dataclass(frozen=True)
class ArchiveReader:
    """A backup whose names were checked; every byte that is read is checked against its digest."""

    file: Path
    archive: zipfile.ZipFile
    manifest: Manifest

    def unpack(self, member: Member, target: Path | None) -> None:
        """Read one member, into a new file or nowhere. Raises `InvalidInput` where it is not what it was."""
        digest, size = hashlib.sha256(), 0
        with self.archive.open(member.name) as source, _sink(target) as write:
            while block := source.read(BLOCK):
                digest.update(block)
                size += len(block)
                if size > member.size:
                    break
                write(block)
        if (size, digest.hexdigest()) != (member.size, member.sha256):
            raise damaged(self.file, f"{member.name} is not what was put in")


@contextmanager
def _sink(target: Path | None) -> Iterator[Callable[[bytes], object]]:
    if target is None:
        yield lambda _: None
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        yield file.write


def _manifest(file: Path, archive: zipfile.ZipFile) -> Manifest:
    names = archive.namelist()
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise damaged(file, "it has no manifest")
    data = json.loads(archive.read(MANIFEST).decode("utf-8"))
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise damaged(file, "its manifest makes no sense")
    if data["format"] > FORMAT:
        raise InvalidInput(f"The backup {file.name} was made by a newer BasicChat.", hint="Update BasicChat first.")
    manifest = from_json(Manifest, data)
    known = [member.name for member in manifest.members]
    unsafe = [name for name in (*names, *known) if not _is_safe(name)]
    if unsafe:
        raise damaged(file, f"it holds a file of the name {unsafe[0]!r}, which no backup has")
    if sorted(names) != sorted([*known, MANIFEST]):
        odd = sorted({*names, MANIFEST}.symmetric_difference([*known, MANIFEST]))
        raise damaged(file, f"{odd[0] if odd else 'a file'} is missing or too much")
    return manifest


def _is_safe(name: str) -> bool:
    """Whether a name is one that backups have: three files, and originals at most two folders deep."""
    if name in (MANIFEST, LIBRARY, SETTINGS):
        return True
    parts = PurePosixPath(name).parts
    plain = name.startswith(FILES) and "/".join(parts) == name and 2 <= len(parts) <= 4
    return plain and all(SAFE_PART.fullmatch(part) for part in parts)
