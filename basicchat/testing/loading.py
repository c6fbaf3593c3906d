"""A loader without a format: text files whose pages are parted by form feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Heading, LoadedDocument, Page

LOCKED = "LOCKED"
"""A file that starts with this word wants a password."""


class TextLoader:
    """Reads UTF-8 text. A form feed starts a new page, a line that begins with ``#`` is a heading."""

    media_types = frozenset({"text/plain", "text/markdown"})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument` or `PasswordRequired`."""
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableDocument("This is not UTF-8 text.") from error
        if text.startswith(LOCKED):
            raise PasswordRequired("The file is locked.")
        if not text.strip():
            raise UnreadableDocument("The file is empty.")
        pages = tuple(_page(number, part) for number, part in enumerate(text.split("\f"), start=1))
        empty = [page.number for page in pages if not page.text.strip()]
        warnings = (f"No text on pages {empty}.",) if empty else ()
        yield LoadedDocument(Path(name or path.name).stem, pages, "text/plain", warnings=warnings)


def _page(number: int, text: str) -> Page:
    headings, start = [], 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare.startswith("#"):
            words = bare.lstrip("#")
            headings.append(Heading(len(bare) - len(words), words.strip(), start))
        start += len(line)
    return Page(number, text, tuple(headings))
