"""Slides of before 2007 (PPT): the records of a presentation, as [MS-PPT] and [MS-ODRAW] describe them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from basicchat.adapters.load.compose import Composer, Rows
from basicchat.core.errors import PasswordRequired, UnreadableDocument

MAX_DEPTH = 40
"""How deep records are nested at most."""
MAX_EDITS = 10_000
"""Times that a presentation was saved by appending what changed."""
MAX_TABLE = 200
"""Rows and columns of one table at most."""

# Kinds of records, see [MS-PPT] 2.13.24 and [MS-ODRAW] 2.2.
_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_SLIDE_LIST, _LISTED, _NOTES, _NOTES_OF = 0x0FF0, 0x03F3, 0x03F0, 0x03F1
_TEXT_HEADER, _CHARACTERS, _BYTES = 0x0F9F, 0x0FA0, 0x0FA8
_GROUP, _SHAPE, _PLACE_IN_GROUP, _MORE_PROPERTIES = 0xF003, 0xF004, 0xF00F, 0xF122
_IS_TABLE = 0x039F
_SLIDES, _ALL_NOTES = 0, 2
_TITLE_KINDS, _NOTES_KIND = frozenset({0, 6}), 2
_LOCKED = 0xF3D1C4DF

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")

Text = tuple[int, str]
"""What kind of text it is (0 and 6 are titles, 2 are notes), and its words."""


@dataclass(frozen=True)
class Record:
    """A record of a stream: its kind, and where its body lies."""

    kind: int
    instance: int
    nested: bool
    start: int
    end: int


@dataclass
class _Slide:
    outline: list[Text] = field(default_factory=list)
    drawn: list[Text] = field(default_factory=list)
    tables: list[Rows] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def slides_of(data: bytes, user: bytes) -> list[Composer]:
    """Each slide in order, from the streams ``PowerPoint Document`` and ``Current User``.

    What was appended by a later save counts, what it replaced does not. Raises `PasswordRequired`,
    `UnreadableDocument`, and what `struct` raises for damaged records.
    """
    token, newest = struct.unpack_from("<II", user, 12)
    if token == _LOCKED:
        raise PasswordRequired("The presentation is locked with a password.")
    places, root = _persisted(data, newest)
    document = _record(data, _place(places, root))
    slides: dict[int, _Slide] = {}
    notes: list[Record] = []
    for record in _children(data, document):
        if record.kind == _SLIDE_LIST and record.instance == _SLIDES:
            slides = _listed(data, record, places)
        elif record.kind == _SLIDE_LIST and record.instance == _ALL_NOTES:
            notes = [each for each, _ in _persists(data, record, places)]
    for page in notes:
        _add_notes(data, page, slides)
    return [_composed(slide) for slide in slides.values()]


def _composed(slide: _Slide) -> Composer:
    out = Composer()
    texts = [*slide.outline, *slide.drawn]
    title = next((" ".join(text.split()) for kind, text in texts if kind in _TITLE_KINDS), "")
    out.heading(1, title)
    for _, text in texts:
        if " ".join(text.split()) != title:
            out.paragraph(text)
    for rows in slide.tables:
        out.table(rows)
    if slide.notes:
        out.paragraph("Notes: " + "\n".join(slide.notes))
    return out


# ---------------------------------------------------------------- where the newest version of each part lies


def _persisted(data: bytes, newest: int) -> tuple[Mapping[int, int], int]:
    """Where each persistent object lies by its number, and the number of the document."""
    places: dict[int, int] = {}
    document = 0
    for _ in range(MAX_EDITS):
        edit = _record(data, newest)
        if edit.kind != _EDIT:
            raise UnreadableDocument("The presentation has lost the list of its parts.")
        before, directory, root = struct.unpack_from("<III", data, edit.start + 8)
        document = document or root
        for number, place in _directory(data, directory):
            places.setdefault(number, place)
        if not before or before >= newest:
            break
        newest = before
    return places, document


def _directory(data: bytes, place: int) -> Iterator[tuple[int, int]]:
    record = _record(data, place)
    if record.kind != _DIRECTORY:
        raise UnreadableDocument("The presentation has lost the list of its parts.")
    at = record.start
    while at + 4 <= record.end:
        (head,) = struct.unpack_from("<I", data, at)
        first, count = head & 0xFFFFF, head >> 20
        yield from enumerate(struct.unpack_from(f"<{count}I", data, at + 4), start=first)
        at += 4 + 4 * count


def _place(places: Mapping[int, int], number: int) -> int:
    if number not in places:
        raise UnreadableDocument("A part of the presentation is missing.")
    return places[number]


def _persists(data: bytes, listing: Record, places: Mapping[int, int]) -> Iterator[tuple[Record, int]]:
    """The parts that a list names, and their identifiers."""
    for record in _children(data, listing):
        if record.kind == _LISTED:
            number, _, _, identity = struct.unpack_from("<IIiI", data, record.start)
            yield _record(data, _place(places, number)), identity


# ---------------------------------------------------------------- what stands on a slide


def _listed(data: bytes, listing: Record, places: Mapping[int, int]) -> dict[int, _Slide]:
    """Slides by their identifier. Outlines stand in the list, text boxes and tables on the slides alone."""
    slides = {identity: _drawn(data, page) for page, identity in _persists(data, listing, places)}
    current: _Slide | None = None
    kind = -1
    for record in _children(data, listing):
        if record.kind == _LISTED:
            current = slides[struct.unpack_from("<IIiI", data, record.start)[3]]
        elif record.kind == _TEXT_HEADER:
            (kind,) = struct.unpack_from("<I", data, record.start)
        elif current is not None and (text := _text(data, record)):
            current.outline.append((kind, text))
    return slides


def _drawn(data: bytes, page: Record) -> _Slide:
    slide, kind = _Slide(), -1
    for record in _without_tables(data, page, slide.tables):
        if record.kind == _TEXT_HEADER:
            (kind,) = struct.unpack_from("<I", data, record.start)
        elif text := _text(data, record):
            slide.drawn.append((kind, text))
    return slide


def _without_tables(data: bytes, parent: Record, tables: list[Rows], depth: int = 0) -> Iterator[Record]:
    """Every record in it, parents before their children, but those of tables, which are read to ``tables``."""
    for record in _children(data, parent):
        if record.kind == _GROUP and (rows := _table(data, record)):
            tables.append(rows)
            continue
        yield record
        if record.nested and depth < MAX_DEPTH:
            yield from _without_tables(data, record, tables, depth + 1)


def _add_notes(data: bytes, page: Record, slides: Mapping[int, _Slide]) -> None:
    slide: _Slide | None = None
    kind = -1
    for record in _without_tables(data, page, []):
        if record.kind == _NOTES_OF:
            slide = slides.get(struct.unpack_from("<I", data, record.start)[0])
        elif record.kind == _TEXT_HEADER:
            (kind,) = struct.unpack_from("<I", data, record.start)
        elif slide is not None and kind == _NOTES_KIND and (text := _text(data, record)):
            slide.notes.append(text)


def _text(data: bytes, record: Record) -> str:
    """The words of a record of text; nothing for another one."""
    if record.kind not in {_CHARACTERS, _BYTES}:
        return ""
    raw = data[record.start : record.end]
    text = raw.decode("utf-16-le", "replace") if record.kind == _CHARACTERS else raw.decode("latin-1")
    return _CONTROL.sub("", text.replace("\r", "\n").replace("\x0b", "\n")).strip()


# ---------------------------------------------------------------- tables: groups of shapes, a shape a cell


def _table(data: bytes, group: Record) -> Rows | None:
    """The rows of a group that is a table, None for another one. A cell that spans others is written into each."""
    shapes = [record for record in _children(data, group) if record.kind == _SHAPE]
    if not shapes or not _says_table(data, shapes[0]):
        return None
    cells = [cell for cell in (_cell(data, shape) for shape in shapes[1:]) if cell is not None]
    lefts = sorted({left for (left, *_), _ in cells})[:MAX_TABLE]
    tops = sorted({top for (_, top, *_), _ in cells})[:MAX_TABLE]
    rows = [["" for _ in lefts] for _ in tops]
    for (left, top, right, bottom), words in cells:
        for row, above in enumerate(tops):
            for column, edge in enumerate(lefts):
                if left <= edge < right and top <= above < bottom:
                    rows[row][column] = words
    return rows or None


def _says_table(data: bytes, shape: Record) -> bool:
    for record in _children(data, shape):
        if record.kind == _MORE_PROPERTIES:
            for number in range(record.instance):
                identity, value = struct.unpack_from("<HI", data, record.start + 6 * number)
                if identity & 0x3FFF == _IS_TABLE:
                    return bool(value & 1)
    return False


def _cell(data: bytes, shape: Record) -> tuple[tuple[int, int, int, int], str] | None:
    """Left, top, right and bottom of a cell, and its words. Lines between cells have no breadth and are none."""
    place: tuple[int, int, int, int] | None = None
    words: list[str] = []
    for record in _without_tables(data, shape, []):
        if record.kind == _PLACE_IN_GROUP:
            place = struct.unpack_from("<4i", data, record.start)
        elif text := _text(data, record):
            words.append(text)
    if place is None or place[0] >= place[2] or place[1] >= place[3]:
        return None
    return place, " ".join(words)


# ---------------------------------------------------------------- records


def _record(data: bytes, place: int) -> Record:
    head, kind, size = struct.unpack_from("<HHI", data, place)
    return Record(kind, head >> 4, head & 0xF == 0xF, place + 8, min(place + 8 + size, len(data)))


def _children(data: bytes, parent: Record) -> Iterator[Record]:
    at = parent.start
    while at + 8 <= parent.end:
        record = _record(data, at)
        yield record
        at = record.end
