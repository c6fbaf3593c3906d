"""HTML pages, through BeautifulSoup and markdownify."""

from __future__ import annotations

import copy
import re
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.adapters.load.encoding import decode, read_bytes
from basicchat.adapters.load.markdown import headings_of, markdown_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import Tag

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_NOT_CONTENT = ("script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "form > button", "head")
_HIDDEN = "[hidden], [aria-hidden=true], [role=navigation]"
MAX_COLUMNS = 1_000
MAX_SPAN = 200
MAX_REPEATED = 200
"""Characters of a cell that are repeated where it spans others; more would drown the row."""
CHARSET_WITHIN = 4096
"""Bytes in which a page must name its encoding; the standard says 1,024, real pages are later."""


class HtmlLoader:
    """Reads HTML: the words of the page with headings and tables, without scripts, styles and menus."""

    media_types = frozenset({"text/html"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        title, text = read_html(markup_of(read_bytes(path)))
        if not text:
            raise UnreadableDocument("The page holds no text.")
        headings = headings_of(text)
        first = headings[0].text if headings else ""
        yield LoadedDocument(title or first or Path(name or path.name).stem, pages_of(text, headings), "text/html")


def markup_of(data: bytes, *, declared: str = "") -> str:
    """The markup in some bytes, in the ``declared`` encoding or the one that the page itself names."""
    named = _CHARSET.search(data[:CHARSET_WITHIN])
    return decode(data, declared=declared or (named[1].decode("ascii") if named else ""))


def read_html(markup: str) -> tuple[str, str]:
    """Title and Markdown of an HTML page. Raises `UnreadableDocument` for markup nested beyond reason."""
    try:
        soup = _soup(markup)
        title = " ".join(soup.title.get_text().split()) if soup.title else ""
        return title, markdown_of(_content(soup))
    except RecursionError as error:
        raise UnreadableDocument("The page is nested too deeply to be read.") from error


def _soup(markup: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # doubts of the parser whether this is HTML
        try:
            return BeautifulSoup(markup, "html.parser")
        except ParserRejectedMarkup:  # a marked section of no known kind; taken for text, it does no harm
            return BeautifulSoup(markup.replace("<![", "&lt;!["), "html.parser")


def _content(soup: BeautifulSoup) -> BeautifulSoup:
    from bs4.element import Declaration, ProcessingInstruction

    for element in [*soup.select(", ".join(_NOT_CONTENT)), *soup.select(_HIDDEN)]:
        element.decompose()
    for node in soup.find_all(string=lambda text: isinstance(text, ProcessingInstruction | Declaration)):
        node.extract()
    for picture in soup.select("img[alt]"):
        picture.replace_with(f" {picture['alt']} ")
    for table in soup.select("table:has([colspan], [rowspan])"):
        _fill_spans(table)
    return soup


def _fill_spans(table: Tag) -> None:
    """Write a cell that spans others into each of them, so that every row can be understood alone."""
    below: dict[int, tuple[Tag, int]] = {}  # what reaches down into the next rows, by column
    for row in (row for row in table.find_all("tr") if row.find_parent("table") is table):
        own = list(row.find_all(("td", "th"), recursive=False))
        filled = _filled(own, below)
        for cell in own:
            cell.extract()
        row.extend(filled)


def _filled(own: Sequence[Tag], below: dict[int, tuple[Tag, int]]) -> list[Tag]:
    """The cells of a row with those that reach into it. ``below`` is brought on to the next row."""
    filled: list[Tag] = []
    waiting = deque(own)
    while (waiting or any(column >= len(filled) for column in below)) and len(filled) < MAX_COLUMNS:
        column = len(filled)
        if column in below:
            cell, left = below.pop(column)
            filled.append(_copy(cell))
            if left > 1:
                below[column] = cell, left - 1
        elif waiting:
            cell = waiting.popleft()
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            filled += [cell, *(_copy(cell) for _ in range(across - 1))]
            if down > 1:
                below |= {column + offset: (cell, down - 1) for offset in range(across)}
        else:
            filled.append(_blank())
    return filled


def _span(cell: Tag, name: str) -> int:
    """Cells that a cell spans; its attribute goes."""
    written = str(cell.attrs.pop(name, "1")).strip()
    return min(int(written), MAX_SPAN) if written.isdecimal() and int(written) else 1


def _copy(cell: Tag) -> Tag:
    return copy.copy(cell) if len(cell.get_text()) <= MAX_REPEATED else _blank()


def _blank() -> Tag:
    from bs4.element import Tag

    return Tag(name="td")
