"""Word and PowerPoint files of before 2007 (DOC, PPT): their words, without lists, tables and formats."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import BasicChatError, PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Heading, LoadedDocument, Page

DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"
NEWER = {DOC: ".docx", PPT: ".pptx"}
MAX_STREAM = 256 * 2**20
MAX_DEPTH = 40
"""How deep records of a presentation are nested at most."""

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

# Records of PowerPoint, see [MS-PPT] 2.13.24.
_SLIDE_LIST, _SLIDE, _LISTED, _TEXT_HEADER = 0x0FF0, 0x03EE, 0x03F3, 0x0F9F
_CHARACTERS, _BYTES = 0x0FA0, 0x0FA8
_TITLE_KINDS = frozenset({0, 6})


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
                pages = _slides(container) if kind == PPT else _words(container)
        except BasicChatError:
            raise
        except _DAMAGED as error:
            raise UnreadableDocument("The file is damaged.", hint=_hint(kind)) from error
        if not any(page.text for page in pages):
            raise UnreadableDocument("No text was found in the file.", hint=_hint(kind))
        warning = f"Lists, tables and formats of this old kind of file are lost; save it as {NEWER[kind]} to keep them."
        yield LoadedDocument(Path(name or path.name).stem, pages, kind, warnings=(warning,))


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


def _slides(container: Any) -> tuple[Page, ...]:
    """A page a slide, from the list of slides and what stands on them; text boxes are on the slides alone."""
    if container.exists("EncryptedSummary"):
        raise PasswordRequired("The presentation is locked with a password.", hint=_hint(PPT))
    data = _stream(container, "PowerPoint Document")
    pages = []
    for number, texts in enumerate(_slide_texts(data), start=1):
        title = next((" ".join(text.split()) for kind, text in texts if kind in _TITLE_KINDS and text.strip()), "")
        lines = [text for kind, text in texts if " ".join(text.split()) != title and text.strip()]
        whole = "\n\n".join([f"# {title}", *lines] if title else lines)
        pages.append(Page(number, whole, (Heading(1, title, 0),) if title else (), label=f"Slide {number}"))
    return tuple(pages)


Text = tuple[int, str]
"""What kind of text it is (0 and 6 are titles), and its words."""


def _slide_texts(data: bytes) -> list[list[Text]]:
    listed: list[list[Text]] = []
    drawn: list[list[Text]] = []
    for kind, instance, body in _records(data, 0, len(data), 0):
        if kind == _SLIDE_LIST and instance == 0:
            listed = listed or _listed(data, body)
        elif kind == _SLIDE:
            drawn.append(list(_texts(data, body)))
    count = max(len(listed), len(drawn))
    both = ((listed[at] if at < len(listed) else [], drawn[at] if at < len(drawn) else []) for at in range(count))
    return [[*first, *second] for first, second in both]


Body = tuple[int, int]


def _records(data: bytes, start: int, end: int, depth: int) -> Iterator[tuple[int, int, Body]]:
    """Every record of a stretch, parents before their children: kind, instance, where its body lies."""
    while start + 8 <= end and depth < MAX_DEPTH:
        head, kind, size = struct.unpack_from("<HHI", data, start)
        last = min(start + 8 + size, end)
        yield kind, head >> 4, (start + 8, last)
        if head & 0xF == 0xF:
            yield from _records(data, start + 8, last, depth + 1)
        start = last


def _listed(data: bytes, body: Body) -> list[list[Text]]:
    slides: list[list[Text]] = []
    kind = -1
    for record, _, place in _records(data, *body, 0):
        if record == _LISTED:  # a slide begins
            slides.append([])
        elif record == _TEXT_HEADER:
            (kind,) = struct.unpack_from("<I", data, place[0])
        elif slides and (text := _text(data, record, place)) is not None:
            slides[-1].append((kind, text))
    return slides


def _texts(data: bytes, body: Body) -> Iterator[Text]:
    kind = -1
    for record, _, place in _records(data, *body, 0):
        if record == _TEXT_HEADER:
            (kind,) = struct.unpack_from("<I", data, place[0])
        elif (text := _text(data, record, place)) is not None:
            yield kind, text


def _text(data: bytes, record: int, place: Body) -> str | None:
    if record not in {_CHARACTERS, _BYTES}:
        return None
    raw = data[place[0] : place[1]]
    text = raw.decode("utf-16-le", "replace") if record == _CHARACTERS else raw.decode("latin-1")
    return _CONTROL.sub("", text.replace("\r", "\n").replace("\x0b", "\n")).strip()
