"""A text being written line by line, that knows where its headings and places are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.types import Anchor, Heading, Json, LoadedDocument

DEEPEST_MARK = 6
"""Levels of headings that Markdown can write."""


class Outline:
    """Collects lines, headings and anchors; offsets are those of `text`."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._length = 0
        self._blank = True
        self._headings: list[Heading] = []
        self._anchors: list[Anchor] = []

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings so far, in order."""
        return tuple(self._headings)

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """The anchors so far, in order."""
        return tuple(self._anchors)

    @property
    def text(self) -> str:
        """What was written, without white space at its end."""
        return "\n".join(self._lines).rstrip()

    def line(self, text: str) -> None:
        """Write a line, or several. Blank lines at the start, and all but one in a row, are left out."""
        for line in text.replace("\0", "").replace("\r", "\n").split("\n"):
            bare = line.rstrip()
            if bare or not self._blank:
                self._lines.append(bare)
                self._length += len(bare) + 1
                self._blank = not bare

    def block(self, text: str) -> None:
        """Write lines as a paragraph of their own."""
        self.line("")
        self.line(text)
        self.line("")

    def heading(self, level: int, text: str) -> None:
        """Write a heading, marked as in Markdown."""
        words = " ".join(text.split())
        if words:
            self.line("")
            self._headings.append(Heading(level, words, self._length))
            self.line(f"{'#' * min(level, DEEPEST_MARK)} {words}")
            self.line("")

    def mark(self, level: int, words: str) -> None:
        """Say that the next line is a heading as it stands."""
        self._headings.append(Heading(level, words, self._length))

    def anchor(self, name: str) -> None:
        """Say that what is written next comes from the place ``name``."""
        if self._anchors and self._anchors[-1].start == self._length:
            self._anchors.pop()
        self._anchors.append(Anchor(self._length, name))

    def or_else(self, text: str) -> None:
        """Write a text as it stands if nothing else was written: marks of a format alone are words too."""
        if not self.text:
            self.line(text)

    def document(
        self,
        media_type: str,
        *,
        title: str,
        metadata: Mapping[str, Json] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> LoadedDocument:
        """The document, a long one in parts. Raises `UnreadableDocument` if nothing was written."""
        text = self.text
        if not text:
            raise UnreadableDocument("The file holds no text.")
        headings = [heading for heading in self._headings if heading.start < len(text)]
        anchors = [anchor for anchor in self._anchors if anchor.start < len(text)]
        pages = pages_of(text, headings, anchors=anchors)
        return LoadedDocument(title, pages, media_type, metadata=metadata or {}, warnings=warnings)

    def first_heading(self, fallback: str) -> str:
        """The highest heading that comes first, else ``fallback``."""
        highest = min((heading.level for heading in self._headings), default=0)
        return next((heading.text for heading in self._headings if heading.level == highest), fallback)


def stem_of(path: Path, name: str) -> str:
    """The file's name for the user, without its ending."""
    return Path(name or path.name).stem
