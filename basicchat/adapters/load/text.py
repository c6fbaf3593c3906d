"""Markdown and plain text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.markdown import headings_of
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})


class TextFileLoader:
    """Reads Markdown, with its headings, and plain text, in any common encoding."""

    media_types = frozenset({"text/plain", "text/markdown"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        shown = Path(name or path.name)
        text = read_text(path).strip()
        if not text:
            raise UnreadableDocument("The file is empty.")
        if shown.suffix.lower() in MARKDOWN_SUFFIXES:
            headings = headings_of(text)
            title = next((heading.text for heading in headings if heading.level == 1), shown.stem)
            yield LoadedDocument(title, pages_of(text, headings), "text/markdown")
        else:
            yield LoadedDocument(shown.stem, pages_of(text), "text/plain")
