"""Reads a document of the library, whole or some of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated

from basicchat.toolbox import Document, InvalidInput, NotFound, Source, Sources, Text, Toolkit, tool

RANGES = re.compile(r"\s*\d{1,6}\s*(?:-\s*\d{0,6}\s*)?(?:,\s*\d{1,6}\s*(?:-\s*\d{0,6}\s*)?)*")
MOST_PAGES = 200
MOST_CHARACTERS = 400_000


@tool(permissions=["read"], version="1", tainted=True)
def reader(
    toolkit: Toolkit,
    document: Annotated[str, "The document: its title, its file name, or its id."],
    pages: Annotated[str, "Which pages, such as 3, 2-5 or 1,4-6,10-; empty for the whole document."] = "",
) -> list[Text | Sources]:
    """Read a document of the user's library: some pages, or all of it."""
    found = named(document.strip(), toolkit.documents.documents())
    parts, sources, length = [], [], 0
    for number in numbers(pages, found.page_count):
        page = toolkit.documents.page(found.id, number)
        name = page.label or f"page {number}"
        parts.append(f"--- {found.title}, {name} ---\n{page.text}")
        sources.append(Source(found.title, document_id=found.id, page=number, end=len(page.text), place=page.label))
        length += len(page.text)
        if len(parts) >= MOST_PAGES or length >= MOST_CHARACTERS:
            parts.append(f"--- {found.title} has {found.page_count} pages; ask for those after {number} by number ---")
            break
    return [Text("\n\n".join(parts)), Sources(tuple(sources))]


def named(name: str, there: Sequence[Document]) -> Document:
    """The document of that id, title or file name, or the only one whose title or file name holds it."""
    for each in there:
        if name in (each.id, each.title, each.source):
            return each
    folded = name.casefold()
    near = [each for each in there if folded and folded in f"{each.title} {each.source}".casefold()]
    if len(near) != 1:
        titles = [each.title for each in near or there]
        raise NotFound(f"There is no one document {name!r}.", hint=_others(titles, folded))
    return near[0]


def numbers(pages: str, count: int) -> Iterator[int]:
    """The pages that are meant, in the order they are named. Raises `InvalidInput` for what is none of ``count``."""
    if not pages.strip():
        yield from range(1, count + 1)
        return
    if not RANGES.fullmatch(pages):
        raise InvalidInput(f"{pages[:60]!r} are no pages.", hint="Write them as 3, 2-5 or 1,4-6,10-.")
    for part in pages.split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        start, end = int(first), int(last or count) if dash else int(first)
        if not 1 <= start <= count or end < start:
            raise InvalidInput(f"There are no pages {part.strip()}: the document has {count}.")
        yield from range(start, min(end, count) + 1)


def _others(titles: list[str], wanted: str) -> str:
    near = get_close_matches(wanted, titles, n=5, cutoff=0.4)
    return f"There are, among others: {'; '.join(near or titles[:10])}." if titles else "The library is empty."
