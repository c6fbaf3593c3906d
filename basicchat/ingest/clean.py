"""Text that every store can keep. Offsets never move: one character becomes one character."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from basicchat.core.types import Cell, Json, LoadedDocument, Page, Table

# A NUL ends a string for many readers, and a lone surrogate cannot be written as UTF-8.
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def clean_text(text: str) -> str:
    """The text with NULs as spaces and lone surrogates as U+FFFD; its length stays."""
    return _UNKEEPABLE.sub(lambda match: " " if match.group() == "\0" else "\ufffd", text)


def clean_document(loaded: LoadedDocument) -> LoadedDocument:
    """The document with every text cleaned and its headings in order and inside their page."""
    external = loaded.external_id
    return replace(
        loaded,
        title=" ".join(clean_text(loaded.title).split()),
        pages=tuple(_clean_page(page) for page in loaded.pages),
        external_id=None if external is None else clean_text(external),
        metadata=_clean_metadata(loaded.metadata),
        tables=tuple(_clean_table(table) for table in loaded.tables),
    )


def _clean_page(page: Page) -> Page:
    length = len(page.text)
    headings = sorted((heading for heading in page.headings if heading.start < length), key=lambda each: each.start)
    return replace(
        page,
        text=clean_text(page.text),
        label=" ".join(clean_text(page.label).split()),
        headings=tuple(replace(heading, text=clean_text(heading.text)) for heading in headings),
        anchors=tuple(sorted((each for each in page.anchors if each.start < length), key=lambda each: each.start)),
        boxes=tuple(sorted((each for each in page.boxes if each.end <= length), key=lambda each: each.start)),
    )


def _clean_table(table: Table) -> Table:
    return replace(
        table,
        name=clean_text(table.name),
        columns=tuple(map(clean_text, table.columns)),
        rows=tuple(tuple(_clean_cell(cell) for cell in row) for row in table.rows),
    )


def _clean_cell(cell: Cell) -> Cell:
    return clean_text(cell) if isinstance(cell, str) else cell


def _clean_metadata(metadata: Mapping[str, Json]) -> Mapping[str, Json]:
    written = json.dumps(dict(metadata), ensure_ascii=False)
    cleaned = clean_text(written)
    return metadata if cleaned == written else cast(dict[str, Json], json.loads(cleaned))
