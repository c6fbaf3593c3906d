"""Values to rows of the tables and back. What a library holds many of is written out: it is read by the thousand."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from basicchat.core.codec import from_json, to_json
from basicchat.core.types import (
    Anchor,
    Box,
    Chunk,
    ChunkVersion,
    Conversation,
    Document,
    FileState,
    FileStatus,
    Heading,
    Page,
    Removal,
    Table,
    TextBox,
    Turn,
    WatchedFolder,
)

Row = Mapping[Any, Any]

PACKING = 3
"""How hard zlib works on tables: more saves little and costs a lot."""


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
    return Document(
        id=row["id"],
        collection=row["collection"],
        source=row["source"],
        title=row["title"],
        media_type=row["media_type"],
        digest=row["digest"],
        page_count=row["page_count"],
        chunk_count=row["chunk_count"],
        added_at=float(row["added_at"]),
        external_id=row["external_id"],
        stored_as=row["stored_as"],
        metadata=row["metadata"],
        warnings=tuple(row["warnings"]),
        indexed=bool(row["indexed"]),
        tags=tuple(row["tags"]),
    )


def page_row(document_id: str, page: Page) -> dict[str, Any]:
    """The row of a page."""
    return {
        "document_id": document_id,
        "number": page.number,
        "text": page.text,
        "headings": to_json(page.headings),
        "label": page.label,
        "anchors": [[anchor.start, anchor.name] for anchor in page.anchors],
        "boxes": [
            [each.start, each.end, each.box.left, each.box.top, each.box.right, each.box.bottom] for each in page.boxes
        ],
    }


def page_from(row: Row) -> Page:
    """A page from its row."""
    return Page(
        number=row["number"],
        text=row["text"],
        headings=tuple(from_json(Heading, each) for each in row["headings"]),
        label=row["label"],
        anchors=tuple(Anchor(start, name) for start, name in row["anchors"]),
        boxes=tuple(TextBox(start, end, Box(*sides)) for start, end, *sides in row["boxes"]),
    )


def chunk_row(chunk: Chunk) -> dict[str, Any]:
    """The row of a chunk; ``end`` is a key word of SQL, so both offsets get longer names there."""
    return {
        "id": chunk.id,
        "document_id": chunk.document_id,
        "ordinal": chunk.ordinal,
        "page": chunk.page,
        "start_offset": chunk.start,
        "end_offset": chunk.end,
        "text": chunk.text,
        "heading": list(chunk.heading),
        "place": chunk.place,
        "edited": chunk.edited,
    }


def chunk_from(row: Row) -> Chunk:
    """A chunk from its row."""
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        page=row["page"],
        start=row["start_offset"],
        end=row["end_offset"],
        text=row["text"],
        heading=tuple(row["heading"]),
        place=row["place"],
        edited=bool(row["edited"]),
    )


def version_row(chunk_id: str, version: ChunkVersion) -> dict[str, Any]:
    """The row of a text that a chunk has or had."""
    return {"chunk_id": chunk_id, **_columns(version)}


def version_from(row: Row) -> ChunkVersion:
    """A text that a chunk has or had, from its row."""
    return ChunkVersion(row["version"], row["text"], float(row["edited_at"]))


def table_row(document_id: str, ordinal: int, table: Table) -> dict[str, Any]:
    """The row of a table, its cells packed."""
    content = json.dumps([table.columns, table.rows], separators=(",", ":"))
    return {
        "document_id": document_id,
        "ordinal": ordinal,
        "name": table.name,
        "page": table.page,
        "place": table.place,
        "content": zlib.compress(content.encode("ascii"), PACKING),
    }


def table_from(row: Row) -> Table:
    """A table from its row."""
    columns, cells = json.loads(zlib.decompress(row["content"]))
    return Table(row["name"], tuple(columns), tuple(map(tuple, cells)), row["page"], row["place"])


def removal_from(row: Row) -> Removal:
    """A removal from its row."""
    return Removal(row["document_id"], row["collection"], row["stored_as"], float(row["removed_at"]))


def folder_row(folder: WatchedFolder) -> dict[str, Any]:
    """The row of a watched folder."""
    return _columns(folder)


def folder_from(row: Row) -> WatchedFolder:
    """A watched folder from its row."""
    return from_json(WatchedFolder, dict(row))


def file_row(folder_id: str, state: FileState) -> dict[str, Any]:
    """The row of what is known of a file."""
    return {
        "folder_id": folder_id,
        "path": state.path,
        "size": state.size,
        "modified_ns": state.modified_ns,
        "digest": state.digest,
        "status": state.status.value,
        "error": state.error,
    }


def file_from(row: Row) -> FileState:
    """What is known of a file, from its row."""
    return FileState(
        path=row["path"],
        size=row["size"],
        modified_ns=row["modified_ns"],
        digest=row["digest"],
        status=FileStatus(row["status"]),
        error=row["error"],
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
