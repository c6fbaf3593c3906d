"""HTML pages, through BeautifulSoup and markdownify."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.adapters.load.encoding import decode
from basicchat.adapters.load.markdown import headings_of, markdown_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_NOT_CONTENT = ("script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "form > button", "head")
_HIDDEN = "[hidden], [aria-hidden=true], [role=navigation]"
CHARSET_WITHIN = 4096
"""Bytes in which a page must name its encoding; the standard says 1,024, real pages are later."""


class HtmlLoader:
    """Reads HTML: the words of the page with headings and tables, without scripts, styles and menus."""

    media_types = frozenset({"text/html"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableDocument(f"The file cannot be opened: {error.strerror}.") from error
        declared = _CHARSET.search(data[:CHARSET_WITHIN])
        title, text = read_html(decode(data, declared=declared[1].decode("ascii") if declared else ""))
        if not text:
            raise UnreadableDocument("The page holds no text.")
        headings = headings_of(text)
        first = headings[0].text if headings else ""
        yield LoadedDocument(title or first or Path(name or path.name).stem, pages_of(text, headings), "text/html")


def read_html(markup: str) -> tuple[str, str]:
    """Title and Markdown of an HTML page. Raises `UnreadableDocument` for markup nested beyond reason."""
    from bs4 import BeautifulSoup

    try:
        soup = BeautifulSoup(markup, "html.parser")
        title = " ".join(soup.title.get_text().split()) if soup.title else ""
        return title, markdown_of(_content(soup))
    except RecursionError as error:
        raise UnreadableDocument("The page is nested too deeply to be read.") from error


def _content(soup: BeautifulSoup) -> BeautifulSoup:
    for element in [*soup.select(", ".join(_NOT_CONTENT)), *soup.select(_HIDDEN)]:
        element.decompose()
    return soup
