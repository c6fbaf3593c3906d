"""Taking archives and the attachments of mail apart, safely.

A member's own name never becomes a path: members are written under numbers, so that no name can lead out of the
folder. Links are not followed, sizes are counted while unpacking, and archives within archives are counted together.
"""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument
from basicchat.ingest.attachments import attachments
from basicchat.ingest.detect import media_type_of
from basicchat.ingest.formats import CARRIERS, ZIP

BLOCK_BYTES = 1 << 20
RATIO_FROM_BYTES = 16 * 2**20
"""A smaller member may be packed as tightly as it likes."""

_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_UNSAFE = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")
_UTF8_NAME, _ENCRYPTED, _AES = 0x800, 0x1, 99
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, NotImplementedError),
    *(ValueError, struct.error),
)
"""What `zipfile` raises for damaged members and for kinds of packing that it does not know."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much may come out of one archive, all that is nested in it together. ``ratio`` is unpacked to packed."""

    members: int = 10_000
    member_bytes: int = 2**30
    total_bytes: int = 8 * 2**30
    ratio: int = 250
    depth: int = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A file out of an archive: where it lies now and what to call it, or the ``error`` that it ended with."""

    name: str
    path: Path | None = None
    error: BasicChatError | None = None


def holds_files(media_type: str | None) -> bool:
    """Whether `expand` could find files in such a file: an archive, which is nothing else, or a mail."""
    return media_type == ZIP or media_type in CARRIERS


def expand(
    path: Path, *, name: str, folder: Path, password: str = "", limits: ArchiveLimits | None = None
) -> Iterator[Member]:
    """The files in an archive or attached to a mail, one by one, unpacked into ``folder`` as they are asked for.

    ``name`` is what the user calls the file; members are called ``name/inner/report.pdf``, never twice the same.
    Archives within are expanded too and not handed out themselves; mails within are, and then what is attached to
    them: nothing that comes out has to be expanded again. The files must stay until the last has been asked for; the
    caller removes the folder. A member that cannot be read is a `Member` with an error, and so is the end of what the
    limits allow. Raises `UnreadableDocument` for a damaged archive and `PasswordRequired` for one that ``password``
    does not open.
    """
    yield from _Expansion(folder, password, limits or ArchiveLimits()).files_in(path, name, depth=1)


class _Expansion:
    """One archive with all that is nested in it, and what has come out so far."""

    def __init__(self, folder: Path, password: str, limits: ArchiveLimits) -> None:
        self._folder = folder
        self._password = password
        self._limits = limits
        self._names: dict[str, int] = {}
        self._members = 0
        self._bytes = 0
        self._full = False

    def files_in(self, path: Path, name: str, *, depth: int) -> Iterator[Member]:
        kind = media_type_of(path, name=name)
        found = self._zipped(path, name) if kind == ZIP else self._attached(path, name, kind)
        for member in found:
            yield from self._nested(member, depth)
            if self._full:
                return

    def _nested(self, member: Member, depth: int) -> Iterator[Member]:
        """The member, or what is in it where it is an archive; after a mail, what is attached to it."""
        kind = media_type_of(member.path, name=member.name) if member.path else None
        if member.path is None or not holds_files(kind):
            yield member
            return
        if kind != ZIP:
            yield member
        if depth >= self._limits.depth:
            if kind == ZIP:
                yield _bad(member.name, f"It is an archive more than {self._limits.depth} archives deep.")
            return
        try:
            yield from self.files_in(member.path, member.name, depth=depth + 1)
        except UnreadableDocument as error:
            yield Member(member.name, error=error)

    def _attached(self, path: Path, name: str, kind: str | None) -> Iterator[Member]:
        for inner, data in attachments(path, kind):
            called = self._name(f"{name}/{inner}")
            if not (problem := self._problem(len(data))):
                target = self._target(called)
                target.write_bytes(data)
                self._bytes += len(data)
            yield _bad(called, problem) if problem else Member(called, target)
            if self._full:
                return

    def _zipped(self, path: Path, name: str) -> Iterator[Member]:
        try:
            with zipfile.ZipFile(path) as archive:
                self._unlock(archive)
                for info in archive.infolist():
                    inner = _readable(info)
                    if info.is_dir() or _LITTER.search(inner):
                        continue
                    yield self._member(archive, info, self._name(f"{name}/{_tidy(inner)}"), inner)
                    if self._full:
                        return
        except BasicChatError:
            raise
        except _BROKEN as error:
            raise UnreadableDocument("The archive is damaged.", hint="Pack it again, or add the files.") from error

    def _unlock(self, archive: zipfile.ZipFile) -> None:
        """Try the password on the first member that asks for one. Raises `PasswordRequired`."""
        locked = [info for info in archive.infolist() if info.flag_bits & _ENCRYPTED and info.compress_type != _AES]
        if not locked:
            return
        archive.setpassword(self._password.encode())
        try:
            with archive.open(min(locked, key=lambda info: info.file_size)) as file:
                while file.read(BLOCK_BYTES):
                    pass
        except (RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise PasswordRequired("The archive is locked with a password.") from error

    def _member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, inner: str) -> Member:
        problem = _refusal(info, inner, self._limits) or self._problem(info.file_size)
        if problem:
            return _bad(name, problem)
        target = self._target(name)
        try:
            with archive.open(info) as source, target.open("wb") as out:
                while block := source.read(BLOCK_BYTES):
                    self._bytes += out.write(block)
        except _BROKEN:
            return _bad(name, "It is damaged in the archive.")
        return Member(name, target)

    def _problem(self, size: int) -> str:
        """Why no more can come out, empty while it can."""
        self._members += 1
        if self._members > self._limits.members:
            self._full = True
            return f"The archive holds more than {self._limits.members:,} files; the rest was not read."
        if size > self._limits.member_bytes:
            return f"It unpacks to {size / 2**20:,.0f} MB, more than is safe to read."
        if self._bytes + size > self._limits.total_bytes:
            self._full = True
            return (
                f"The archive unpacks to more than {self._limits.total_bytes / 2**20:,.0f} MB; the rest was not read."
            )
        return ""

    def _name(self, wanted: str) -> str:
        count = self._names[wanted] = self._names.get(wanted, 0) + 1
        if count == 1:
            return wanted
        path = PurePosixPath(wanted)
        return self._name(str(path.with_name(f"{path.stem} ({count}){path.suffix}")))

    def _target(self, name: str) -> Path:
        suffix = PurePosixPath(name).suffix
        return self._folder / f"{self._members:06d}{suffix.lower() if _SUFFIX.fullmatch(suffix) else ''}"


def _refusal(info: zipfile.ZipInfo, inner: str, limits: ArchiveLimits) -> str:
    """Why a member is not even unpacked, empty if it may be."""
    if _UNSAFE.search(inner):
        return "Its name leads out of the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, which is not followed."
    if info.flag_bits & _ENCRYPTED and info.compress_type == _AES:
        return "It is locked with AES, which cannot be opened here; unpack the archive with another program."
    if info.file_size > RATIO_FROM_BYTES and info.file_size > limits.ratio * max(1, info.compress_size):
        return "It unpacks to far more data than such a small member could honestly hold."
    return ""


def _readable(info: zipfile.ZipInfo) -> str:
    """The member's name with slashes; names that old packers wrote in UTF-8 without saying so are mended."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _tidy(name: str) -> str:
    """A name that can be shown and kept: no control characters, no empty steps."""
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return "/".join(step for step in printable.split("/") if step not in {"", "."}) or "file"


def _bad(name: str, problem: str) -> Member:
    return Member(name, error=UnreadableDocument(problem, hint="Unpack the archive and add the file itself."))
