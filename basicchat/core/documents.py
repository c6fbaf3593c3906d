"""Documents as values: the part of `basicchat.core.types` that is about what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""Anything that `json` can write."""

Span = tuple[int, int]
"""A slice of a text, ``[start, end)``."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside one page: its level (1 is the highest), text and offset in the page text."""

    level: int
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as fractions of its width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """From offset ``start`` of the page text on, the text comes from the place ``name``: ``B2:F9``, ``1:30``."""

    start: int
    name: str


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where ``[start, end)`` of the page text stands on the picture of the page."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document: a sheet, a slide, a message, a part of a long text. Short texts are one page, number 1.

    ``label`` is what people call it (``Slide 4``, ``Sheet Costs``), empty for what is simply a page. ``anchors``, in
    order, say where on the page a stretch of text comes from. ``boxes``, in order, are there for text that was
    recognised in a picture; other formats find their boxes when they draw the page.
    """

    number: int
    text: str
    headings: tuple[Heading, ...] = ()
    label: str = ""
    anchors: tuple[Anchor, ...] = ()
    boxes: tuple[TextBox, ...] = ()


Cell = None | bool | int | float | str
"""A value of a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in a file: column names, and rows of as many cells each.

    ``page`` is the page it stands on, ``place`` where on it (``A1:F40``, ``table 2``).
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    page: int = 1
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table that can be asked in SQL: ``sql_name`` is how a query names it, ``columns`` are (name, SQL type)."""

    sql_name: str
    document_id: str
    title: str
    page: int
    place: str
    columns: tuple[tuple[str, str], ...]
    row_count: int


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """How long passages are, in tokens: what to aim at, what neighbours share, what is never exceeded."""

    target: int
    overlap: int
    limit: int

    def __post_init__(self) -> None:
        if not 0 < self.target <= self.limit or self.overlap < 0:
            raise ValueError(f"{self} does not make sense")


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """What a loader read: pages of text, before anything has an identity.

    ``external_id`` is the identity the author gave (``_id`` of a JSONL record).
    ``warnings`` are sentences for the reader, such as pages that hold no text.
    """

    title: str
    pages: tuple[Page, ...]
    media_type: str
    external_id: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the library. ``id`` comes from the collection and the content, see `basicchat.ingest.identity`.

    ``source`` is the path or name it was ingested from, ``digest`` the sha256 of the file's bytes
    (of the record's canonical JSON for a record of a JSONL file), ``stored_as`` the relative path of the
    kept original under the home's ``files`` folder, None where there is no original to open.
    """

    id: str
    collection: str
    source: str
    title: str
    media_type: str
    digest: str
    page_count: int
    chunk_count: int
    added_at: float
    external_id: str | None = None
    stored_as: str | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    indexed: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the library: a document under one of its sources. The same bytes at two paths are two entries."""

    document: Document
    source: str


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that has left the library and may not yet have left the projections and the kept originals."""

    document_id: str
    collection: str
    stored_as: str | None
    removed_at: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``text == page.text[start:end]`` of the page it names, unless somebody ``edited`` it.

    ``heading`` is the path of headings above it, outermost first. ``ordinal`` counts the chunks of the document from 0.
    ``place`` says where it stands where a page number would not (``Slide 4``, ``Sheet Costs, A2:F9``), else empty.
    """

    id: str
    document_id: str
    ordinal: int
    page: int
    start: int
    end: int
    text: str
    heading: tuple[str, ...] = ()
    place: str = ""
    edited: bool = False


@dataclass(frozen=True, slots=True)
class ChunkVersion:
    """A text that a chunk has or had. Version 0 is what was read from the file."""

    version: int
    text: str
    edited_at: float
