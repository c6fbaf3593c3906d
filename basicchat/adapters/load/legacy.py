"""Word and PowerPoint files of before 2007 (DOC, PPT): their words, and the tables on slides."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from basicchat.adapters.load.legacy_slides import slides_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page, Table

DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
NEWER = {DOC: ".docx", PPT: ".pptx"}
_LOST = {DOC: "Lists, tables and formats", PPT: "Numbers of lists and formats"}
MAX_STREAM = 256 * 2**20

_DAMAGED = (OSError, struct.error, ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError)
_HINT = "Open it in its own program or in LibreOffice, save it as {suffix} and add that copy."

# Places in the file information block of Word, see [MS-DOC] 2.5.
_FLAGS, _CLX = 0x0A, 0x01A2
_ENCRYPTED, _TABLE_ONE = 0x0100, 0x0200
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x14\x15]*)\x15|\x13[^\x13\x14\x15]*\x15")
_SIGNS = str.maketrans(
    {"\r": "\n\n", "\x0b": "\n", "\x0c": "\n\n", "\x07": " | ", "\x1e": "-", "\x1f": None, "\xa0": " "}
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


class LegacyLoader:
    """Reads the words of DOC and PPT. What it cannot read it refuses, with the format to save it in."""

    media_types = frozenset({DOC, PPT})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument`, and `PasswordRequired` for every locked file."""
        import olefile

        kind = PPT if Path(name or path.name).suffix.lower() in {".ppt", ".pps"} else DOC
        try:
            with olefile.OleFileIO(str(path)) as container:
                kind = PPT if container.exists("PowerPoint Document") else DOC
                pages, tables = _slides(container) if kind == PPT else (_words(container), ())
        except BasicChatError:
            raise
        except _DAMAGED as error:
            raise UnreadableDocument("The file is damaged.", hint=_hint(kind)) from error
        if not any(page.text for page in pages):
            raise UnreadableDocument("No text was found in the file.", hint=_hint(kind))
        lost = _LOST[kind]
        warning = f"{lost} of this old kind of file are lost; save it as {NEWER[kind]} to keep them."
        yield LoadedDocument(Path(name or path.name).stem, pages, kind, tables=tables, warnings=(warning,))


def _hint(kind: str) -> str:
    return _HINT.format(suffix=NEWER[kind])


def _stream(container: Any, name: str) -> bytes:
    if container.get_size(name) > MAX_STREAM:
        raise UnreadableDocument("The file holds more data than is safe to read.")
    data: bytes = container.openstream(name).read()
    return data


def _words(container: Any) -> tuple[Page, ...]:
    """Body, notes and headers of a Word file, by its table of pieces."""
    main = _stream(container, "WordDocument")
    (flags,) = struct.unpack_from("<H", main, _FLAGS)
    if flags & _ENCRYPTED:
        raise PasswordRequired("The Word document is locked with a password.", hint=_hint(DOC))
    table = _stream(container, "1Table" if flags & _TABLE_ONE else "0Table")
    start, size = struct.unpack_from("<II", main, _CLX)
    text = "".join(_pieces(main, table[start : start + size]))
    while (shown := _FIELD.sub(lambda match: match[1] or "", text)) != text:
        text = shown
    text = _CONTROL.sub("", text.translate(_SIGNS))
    return pages_of(re.sub(r"\n\s*\n\s*", "\n\n", re.sub(r"( \| )+(?=\n|$)", "", text)).strip())


def _pieces(main: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while at < len(clx) and clx[at] == 1:  # formats
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise UnreadableDocument("The Word document is damaged or older than Word 97.", hint=_hint(DOC))
    (size,) = struct.unpack_from("<I", clx, at + 1)
    plan = clx[at + 5 : at + 5 + size]
    count = (len(plan) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", plan, 0)
    for number in range(count):
        (where,) = struct.unpack_from("<I", plan, 4 * (count + 1) + 8 * number + 2)
        length = max(places[number + 1] - places[number], 0)
        if where & 0x40000000:
            first = (where & 0x3FFFFFFF) // 2
            yield main[first : first + length].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * length].decode("utf-16-le", "replace")


def _slides(container: Any) -> tuple[tuple[Page, ...], tuple[Table, ...]]:
    """A page a slide, and the tables on them."""
    if container.exists("EncryptedSummary"):
        raise PasswordRequired("The presentation is locked with a password.", hint=_hint(PPT))
    data, user = _stream(container, "PowerPoint Document"), _stream(container, "Current User")
    try:
        slides = slides_of(data, user)
    except UnreadableDocument as error:
        raise type(error)(str(error), hint=_hint(PPT)) from error
    pages = tuple(slide.page(number, label=f"Slide {number}") for number, slide in enumerate(slides, start=1))
    return pages, tuple(table for number, slide in enumerate(slides, start=1) for table in slide.tables(page=number))
