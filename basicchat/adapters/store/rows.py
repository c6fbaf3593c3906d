"""Values to rows of the tables and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from basicchat.core.codec import from_json, to_json
from basicchat.core.types import Chunk, Conversation, Document, Heading, Page, Turn

Row = Mapping[Any, Any]


def _columns(value: object) -> dict[str, Any]:
    encoded = to_json(value)
    if not isinstance(encoded, dict):
        raise TypeError(f"{type(value).__name__} has no columns")
    return encoded


def document_row(document: Document) -> dict[str, Any]:
    """The row of a document that the projections do not hold yet."""
    return {**_columns(document), "indexed": False}


def document_from(row: Row) -> Document:
    """A document from its row."""
    return from_json(Document, dict(row))


def page_row(document_id: str, page: Page) -> dict[str, Any]:
    """The row of a page."""
    return {"document_id": document_id, **_columns(page)}


def page_from(row: Row) -> Page:
    """A page from its row."""
    return Page(row["number"], row["text"], tuple(from_json(Heading, each) for each in row["headings"]))


def chunk_row(chunk: Chunk) -> dict[str, Any]:
    """The row of a chunk; ``end`` is a key word of SQL, so both offsets get longer names there."""
    row = _columns(chunk)
    return {**row, "start_offset": row.pop("start"), "end_offset": row.pop("end")}


def chunk_from(row: Row) -> Chunk:
    """A chunk from its row. Written out, because a search or a repair reads many."""
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        page=row["page"],
        start=row["start_offset"],
        end=row["end_offset"],
        text=row["text"],
        heading=tuple(row["heading"]),
    )


def conversation_row(conversation: Conversation) -> dict[str, Any]:
    """The row of a conversation."""
    return _columns(conversation)


def conversation_from(row: Row) -> Conversation:
    """A conversation from its row."""
    return from_json(Conversation, dict(row))


def turn_row(conversation_id: str, turn: Turn) -> dict[str, Any]:
    """The row of a turn, without its ordinal."""
    return {"conversation_id": conversation_id, **_columns(turn)}


def turn_from(row: Row) -> Turn:
    """A turn from its row, with the answer it keeps."""
    return from_json(Turn, dict(row))
