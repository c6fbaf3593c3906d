"""What goes over the pipes to and from a reading process: frames of JSON, and documents in parts.

The process that reads has met hostile files, so what it says is checked like any other input: plain JSON in frames
of a stated length, never objects that run code when they are unpacked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import IO, Any, cast

from basicchat.core.codec import to_json
from basicchat.core.types import Anchor, Box, Cell, Heading, Json, LoadedDocument, Page, Table, TextBox

Message = dict[str, Any]
LENGTH_BYTES = 4
PART = 1 << 18
"""Characters of a document that go into one frame; a page is never cut."""
ROWS = 500
"""Rows of a table that go into one frame."""

_CELLS = frozenset({type(None), bool, int, float, str})


class BadFrame(Exception):
    """What came is not what this program writes."""


class TooMuch(BadFrame):
    """A frame is longer than allowed."""


def written(message: Message) -> bytes:
    """A message as JSON. Text with lone surrogates passes unchanged."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def packed(messages: Sequence[bytes]) -> bytes:
    """One or more written messages as a frame."""
    data = b"[" + b",".join(messages) + b"]"
    return len(data).to_bytes(LENGTH_BYTES, "big") + data


def read_frame(stream: IO[bytes], *, most: int) -> bytes | None:
    """The bytes of the next frame; None where the stream ends. Raises `TooMuch` without reading a longer one."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    if length > most:
        raise TooMuch(f"a frame of {length} bytes")
    data = stream.read(length)
    return data if len(data) == length else None


def unpacked(data: bytes) -> list[Message]:
    """The messages of a frame. Raises `BadFrame`."""
    try:
        messages = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BadFrame("not JSON") from error
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise BadFrame("no messages")
    return messages


def parts_of(document: LoadedDocument) -> Iterator[Message]:
    """A document as messages: the first has its ``head``, the last says ``end``. Most are one message."""
    head = [document.title, document.media_type, document.external_id, to_json(document.metadata)]
    message: Message = {"head": [*head, list(document.warnings)]}
    size = 0
    for page in document.pages:
        message.setdefault("pages", []).append(_packed_page(page))
        size += len(page.text) + 64 * len(page.anchors) + 128 * len(page.boxes)
        if size > PART:
            yield message
            message, size = {}, 0
    for table in document.tables:
        for start in range(0, max(1, len(table.rows)), ROWS):
            rows = [list(row) for row in table.rows[start : start + ROWS]]
            named = [table.name, list(table.columns), table.page, table.place] if start == 0 else None
            message.setdefault("tables", []).append([named, rows])
            size += sum(16 + len(cell) if isinstance(cell, str) else 8 for row in rows for cell in row)
            if size > PART:
                yield message
                message, size = {}, 0
    message["end"] = True
    yield message


class Draft:
    """A document as it arrives."""

    def __init__(self) -> None:
        self._document: LoadedDocument | None = None
        self._pages: list[Page] = []
        self._tables: list[Table] = []
        self._rows: list[tuple[Cell, ...]] = []

    def add(self, message: Message) -> LoadedDocument | None:
        """Take in the next part; the whole document with its last one. Raises `BadFrame` for nonsense."""
        try:
            if "head" in message:
                self._document = _head(message["head"])
                self._pages, self._tables, self._rows = [], [], []
            if self._document is None:
                raise BadFrame("a part without a head")
            self._pages += map(_page, message.get("pages", ()))
            for named, rows in message.get("tables", ()):
                self._table(named, rows)
            if "end" not in message:
                return None
            self._finish_table()
            return replace(self._document, pages=tuple(self._pages), tables=tuple(self._tables))
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise BadFrame(f"not a document: {error}") from error

    def _table(self, named: Any, rows: Any) -> None:
        if named is not None:
            self._finish_table()
            name, columns, page, place = named
            titles = tuple(_text(column) for column in columns)
            self._tables.append(Table(_text(name), titles, (), _number(page), _text(place)))
        elif not self._tables:
            raise BadFrame("rows without a table")
        self._rows += map(_row, rows)

    def _finish_table(self) -> None:
        if self._tables:
            self._tables[-1] = replace(self._tables[-1], rows=tuple(self._rows))
        self._rows = []


def _packed_page(page: Page) -> list[Json]:
    boxes = [[it.start, it.end, it.box.left, it.box.top, it.box.right, it.box.bottom] for it in page.boxes]
    headings = [[heading.level, heading.text, heading.start] for heading in page.headings]
    anchors = [[anchor.start, anchor.name] for anchor in page.anchors]
    return cast(list[Json], [page.number, page.text, page.label, headings, anchors, boxes])


def _head(data: Any) -> LoadedDocument:
    title, media_type, external_id, metadata, warnings = data
    if not isinstance(metadata, dict):
        raise BadFrame("metadata is no object")
    return LoadedDocument(
        title=_text(title),
        pages=(),
        media_type=_text(media_type),
        external_id=None if external_id is None else _text(external_id),
        metadata=metadata,
        warnings=tuple(_text(warning) for warning in warnings),
    )


def _page(data: Any) -> Page:
    number, text, label, headings, anchors, boxes = data
    return Page(
        number=_number(number),
        text=_text(text),
        headings=tuple(Heading(_number(level), _text(words), _number(start)) for level, words, start in headings),
        label=_text(label),
        anchors=tuple(Anchor(_number(start), _text(name)) for start, name in anchors),
        boxes=tuple(TextBox(_number(box[0]), _number(box[1]), Box(*map(float, box[2:]))) for box in boxes),
    )


def _row(cells: Any) -> tuple[Cell, ...]:
    if not _CELLS.issuperset(map(type, cells)):
        raise BadFrame("a cell that is no plain value")
    return tuple(cells)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise BadFrame(f"{type(value).__name__} where a text should be")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise BadFrame(f"{type(value).__name__} where a number should be")
    return value
