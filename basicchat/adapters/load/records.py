"""JSON Lines: one record a line, one document a record; plain or gzipped, read as a stream."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Heading, Json, LoadedDocument, Page

MEDIA_TYPE = "application/jsonl"
MAX_LINE_BYTES = 16 * 2**20
MAX_UNPACKED_BYTES = 8 * 2**30
"""Bytes read from one file; a gzip of a few megabytes can hold more than any disk."""
WARNINGS_SHOWN = 20


class RecordLoader:
    """Reads JSONL: ``_id``, ``title`` and ``text``; every other field is metadata.

    The title is the first line of the page and its heading. A line that is no such record becomes a warning that
    names it; the rest goes in.
    """

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document a record, in order. Raises `UnreadableDocument` if there is no good record."""
        problems = _Problems()
        held: LoadedDocument | None = None  # one record behind, so that the last can carry the last warnings
        try:
            with closing(_open(path)) as file:
                for number, line in _lines(file):
                    try:
                        record = record_of(line)
                    except ValueError as error:
                        problems.add(number, str(error))
                        continue
                    if held is not None:
                        yield held
                    held = record
        except (OSError, EOFError, zlib.error) as error:
            if held is None:
                raise UnreadableDocument("The file is damaged.") from error
            problems.add(0, "The file is damaged; the records before the damage were read.")
        if held is None:
            raise UnreadableDocument(problems.first or "The file holds no records.", hint=_HINT)
        yield replace(held, warnings=problems.sentences())


_HINT = 'Every line must be a JSON object with a "text", and if you like "_id" and "title".'


class _Problems:
    """Bad lines, the first of them in words."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._count = 0

    @property
    def first(self) -> str:
        return self._shown[0] if self._shown else ""

    def add(self, number: int, what: str) -> None:
        self._count += 1
        if len(self._shown) < WARNINGS_SHOWN:
            self._shown.append(f"Line {number}: {what}" if number else what)

    def sentences(self) -> tuple[str, ...]:
        more = self._count - len(self._shown)
        return (*self._shown, f"{more} more lines could not be read.") if more else tuple(self._shown)


def record_of(line: bytes) -> LoadedDocument:
    """The document of one line. Raises `ValueError` with a sentence for a line that is no record with words."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("this is not JSON.") from None
    if not isinstance(record, dict):
        raise ValueError("this is not a JSON object.")
    fields = cast(dict[str, Json], record)
    identity, title, text = fields.pop("_id", None), _words(fields.pop("title", "")), _words(fields.pop("text", ""))
    title = " ".join(title.split())
    whole = f"{title}\n\n{text}" if title and text else title or text
    if not whole:
        raise ValueError('the record has no "text".')
    headings = (Heading(1, title, 0),) if title and text else ()
    return LoadedDocument(
        title=title or (f"Record {identity}" if identity not in (None, "") else " ".join(text.split())[:80]),
        pages=(Page(1, whole, headings),),
        media_type=MEDIA_TYPE,
        external_id=None if identity in (None, "") else str(identity),
        metadata=fields,
    )


def _words(value: Json) -> str:
    """Text of a field; lone surrogates, which JSON can spell but no file can hold, become a replacement mark."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\0", "").strip()


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines that hold anything, with their number from 1. A line over the limit is handed out cut."""
    number = total = 0
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        whole = line
        while len(whole) == MAX_LINE_BYTES and not whole.endswith(b"\n"):
            whole = file.readline(MAX_LINE_BYTES)  # the rest of an endless line is read past, never kept
            total += len(whole)
            _check_size(total)
        total += len(line)
        _check_size(total)
        bare = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if bare:
            yield number, bare


def _check_size(total: int) -> None:
    if total > MAX_UNPACKED_BYTES:
        raise UnreadableDocument("The file unpacks to more data than is safe to read.", hint="Split it.")
