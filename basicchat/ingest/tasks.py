"""What is to be taken in, one task a file: from files, folders, archives and what is attached to mail."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument, UnsupportedDocument
from basicchat.core.protocols import Loader
from basicchat.core.types import DEFAULT_COLLECTION, FileOutcome, FileStatus
from basicchat.ingest.archive import Member, expand, holds_files
from basicchat.ingest.detect import media_type_of
from basicchat.ingest.files import FoundFile, find_files, source_of
from basicchat.ingest.formats import RECORDS, ZIP
from basicchat.ingest.intake import Task

Prune = Callable[[str, str, Set[str]], object]
"""Forgets what a source held, (collection, source, sources still in it)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller said about the files: names where they are not the paths, and passwords."""

    collection: str = DEFAULT_COLLECTION
    names: Mapping[Path, str] = field(default_factory=dict)
    passwords: Mapping[Path, str] = field(default_factory=dict)
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Pause:
    """What came before must be done before the next one is asked for."""


UNPACK = "Unpack the archive to see what it holds, and add the files."

Step = Task | FileOutcome | Pause
"""A file to take in, why one cannot be, or a `Pause`."""


class Tasks:
    """Finds out what each file is and what reads it. Archives are unpacked in ``scratch``, for a moment."""

    def __init__(
        self, loaders: Sequence[Loader], *, max_file_bytes: int, prune: Prune, scratch: Path | None = None
    ) -> None:
        self._loaders = {kind: loader for loader in loaders for kind in loader.media_types}
        self._max_file_bytes = max_file_bytes
        self._prune = prune
        self._scratch = scratch

    def of(self, paths: Iterable[Path], given: Given) -> Iterator[Step]:
        """A step for each file, in order. Files of folders and archives that no loader reads are passed over."""
        for found in find_files(paths, asked=given.asked):
            yield from self._file(found, given)

    def found(self, paths: Iterable[Path]) -> list[Path]:
        """The files that `of` makes steps for: those that are named, and those of folders that something reads."""
        return [file.path for file in find_files(paths) if file.asked or self._wanted(file.path)]

    def readable(self, paths: Iterable[Path], given: Given) -> Iterator[Task]:
        """Tasks for those of the named files that are one document."""
        for path in paths:
            shown = given.names.get(path, "") or str(path)
            try:
                kind = self._kind(path, shown)
            except (BasicChatError, OSError):
                continue  # whoever takes it in is told
            loader = self._loaders.get(kind)
            if loader is not None and kind != RECORDS:
                yield _task(path, given, loader)

    def _wanted(self, path: Path) -> bool:
        try:
            kind = self._kind(path, str(path))
        except (BasicChatError, OSError):
            return True  # whoever takes it in is told
        return kind in self._loaders or holds_files(kind)

    def _file(self, found: FoundFile, given: Given) -> Iterator[Step]:
        shown = given.names.get(found.path, "") or str(found.path)
        try:
            kind = self._kind(found.path, shown)
            loader = self._loaders.get(kind)
            if loader is None and not holds_files(kind):
                if found.asked:
                    raise UnsupportedDocument("There is no reader for this kind of file.")
                return
        except (BasicChatError, OSError) as error:
            yield failed(shown, error)
            return
        if loader is not None:
            yield _task(found.path, given, loader)
        if holds_files(kind):
            yield from self._held(found.path, shown, given, alone=kind == ZIP)

    def _held(self, path: Path, shown: str, given: Given, *, alone: bool) -> Iterator[Step]:
        """Steps for what is in an archive or attached to a mail; what has gone from it is forgotten after them."""
        source = _source(path, given)
        held: set[str] = set()
        tried = False
        if self._scratch is not None:
            self._scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="unpacked-", dir=self._scratch, ignore_cleanup_errors=True) as folder:
            try:
                for member in expand(path, name=shown, folder=Path(folder), password=given.passwords.get(path, "")):
                    inner = source + member.name.removeprefix(shown)
                    held.add(inner)
                    step = self._member(member, inner, given)
                    if step is not None:
                        tried = True
                        yield step
            except (BasicChatError, OSError) as error:
                yield Pause()
                yield failed(shown, error)
                return
            yield Pause()
        if alone and not tried:
            yield failed(shown, UnreadableDocument("The archive holds nothing that can be read.", hint=UNPACK))
        self._prune(given.collection, source, held)

    def _member(self, member: Member, source: str, given: Given) -> Task | FileOutcome | None:
        if member.path is None:
            return failed(
                member.name, member.error or UnreadableDocument("It did not come out of the archive.", hint=UNPACK)
            )
        try:
            loader = self._loaders.get(self._kind(member.path, member.name))
        except (BasicChatError, OSError) as error:
            return failed(member.name, error)
        return Task(member.path, member.name, source, given.collection, loader) if loader is not None else None

    def _kind(self, path: Path, shown: str) -> str:
        """The media type of a file, empty for what is not known.

        Raises `UnreadableDocument` for a file that is not there, and for an empty or too large one that could be read.
        """
        if not path.is_file():
            raise UnreadableDocument("There is no such file.", hint="Check the path.")
        size, largest = path.stat().st_size, self._max_file_bytes
        kind = media_type_of(path, name=shown) or ""
        wanted = kind in self._loaders or holds_files(kind)
        if size == 0 and wanted:
            raise UnreadableDocument("The file is empty.")
        if size > largest and wanted:
            raise UnreadableDocument(
                f"The file has {size / 2**20:,.0f} MB; the largest that is taken in is {largest / 2**20:,.0f} MB.",
                hint="Split it, or allow more with BASICCHAT_INGEST__MAX_FILE_MB.",
            )
        return kind


def failed(shown: str, error: BasicChatError | OSError) -> FileOutcome:
    """The outcome of a file that could not be taken in: what happened and what to do next."""
    if isinstance(error, OSError):
        told = f"The file cannot be opened: {error.strerror or error}."
        return FileOutcome(shown, FileStatus.FAILED, error=told)
    status = FileStatus.NEEDS_PASSWORD if isinstance(error, PasswordRequired) else FileStatus.FAILED
    return FileOutcome(shown, status, error=f"{error} {error.hint}".strip())


def _task(path: Path, given: Given, loader: Loader) -> Task:
    shown = given.names.get(path, "") or str(path)
    return Task(path, shown, _source(path, given), given.collection, loader, given.passwords.get(path, ""))


def _source(path: Path, given: Given) -> str:
    return given.names.get(path, "") or source_of(path)
