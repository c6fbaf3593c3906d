"""Text that every store can keep. Offsets never move: one character becomes one character."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from basicchat.core.types import Heading, Json, LoadedDocument, Page

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
    )


def _clean_page(page: Page) -> Page:
    headings = sorted((heading for heading in page.headings if heading.start < len(page.text)), key=_start)
    return Page(
        page.number, clean_text(page.text), tuple(replace(item, text=clean_text(item.text)) for item in headings)
    )


def _clean_metadata(metadata: Mapping[str, Json]) -> Mapping[str, Json]:
    written = json.dumps(dict(metadata), ensure_ascii=False)
    cleaned = clean_text(written)
    return metadata if cleaned == written else cast(dict[str, Json], json.loads(cleaned))


def _start(heading: Heading) -> int:
    return heading.start
