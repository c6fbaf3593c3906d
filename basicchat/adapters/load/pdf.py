"""PDF: PDFium reads, pypdf is asked where PDFium cannot."""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from basicchat.adapters.load import pdfium
from basicchat.adapters.load.pdf_text import normalise
from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Heading, LoadedDocument, Page

MEDIA_TYPE = "application/pdf"
MAX_OUTLINE = 5_000
MAX_OUTLINE_DEPTH = 6

_JUNK_TITLE = re.compile(
    r"^(untitled|microsoft |powerpoint |slide 1$|document\d*$|\(?anonymous)|\.\w{2,4}$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{3}")

# What pypdf raises for damaged files beside its own errors.
_PYPDF_ERRORS = (
    *(OSError, KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, AssertionError),
    *(OverflowError, NotImplementedError, MemoryError, zlib.error, struct.error),
)


class PdfLoader:
    """Reads PDF page by page. Headings come from the outline, where the file has one."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Pages without text are there, empty, and named in a warning.

        Raises `PasswordRequired`, or `UnreadableDocument` for a damaged file and one without any text.
        """
        try:
            title, pages = _read_with_pdfium(path)
        except PasswordRequired:
            raise
        except UnreadableDocument:
            title, pages = _read_with_pypdf(path)
        else:
            if not any(page.text for page in pages):
                title, pages = _second_opinion(path, title, pages)
        empty = [page.number for page in pages if not page.text]
        if len(empty) == len(pages):
            raise UnreadableDocument(
                "The PDF holds no text: its pages are pictures.", hint="Run it through text recognition (OCR) first."
            )
        warnings = (f"No text on {_numbers(empty)}.",) if empty else ()
        yield LoadedDocument(good_title(title, name or path.name), tuple(pages), MEDIA_TYPE, warnings=warnings)


def good_title(title: str, name: str) -> str:
    """The title a file gives itself if it reads like one, else the file's name without its ending."""
    words = " ".join(title.replace("\0", "").split())
    if _WORD.search(words) and not _JUNK_TITLE.search(words):
        return words
    return Path(name).stem


def _read_with_pdfium(path: Path) -> tuple[str, list[Page]]:
    with pdfium.open_pdf(path) as document:
        with pdfium.LOCK:
            title = str(document.get_metadata_dict().get("Title", ""))
            count = len(document)
            outline = _outline(document)
        pages = []
        for index in range(count):
            with pdfium.LOCK, pdfium.open_page(document, index) as (_, textpage):
                text = normalise(textpage.get_text_range()).text
            pages.append(Page(index + 1, text, _headings(text, outline.get(index, ()))))
    return title, pages


def _outline(document: Any) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Entries of the outline, (level from 1, title), by the index of their page."""
    entries = defaultdict(list)
    for mark in islice(document.get_toc(max_depth=MAX_OUTLINE_DEPTH), MAX_OUTLINE):
        target, title = mark.get_dest(), " ".join(mark.get_title().split())
        index = target.get_index() if target else None
        if title and index is not None:
            entries[index].append((mark.level + 1, title))
    return entries


def _headings(text: str, entries: Sequence[tuple[int, str]]) -> tuple[Heading, ...]:
    """Outline entries at the place on their page where their words stand, in order; at its start if nowhere."""
    found, position = [], 0
    for level, title in entries:
        match = re.compile(r"\s+".join(map(re.escape, title.split())), re.IGNORECASE).search(text, position)
        position = match.start() if match else position
        found.append(Heading(level, title, position))
    return tuple(found)


def _second_opinion(path: Path, title: str, pages: list[Page]) -> tuple[str, list[Page]]:
    try:
        return _read_with_pypdf(path)
    except UnreadableDocument:
        return title, pages


def _read_with_pypdf(path: Path) -> tuple[str, list[Page]]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with PdfReader(path) as reader:
            if reader.is_encrypted and not reader.decrypt(""):
                raise PasswordRequired("The PDF is locked with a password.")
            title = str((reader.metadata and reader.metadata.title) or "")
            pages = [Page(number, normalise(page.extract_text()).text) for number, page in enumerate(reader.pages, 1)]
    except (PyPdfError, *_PYPDF_ERRORS) as error:
        raise UnreadableDocument("The PDF is damaged.") from error
    if not pages:
        raise UnreadableDocument("The PDF is damaged: it has no pages.")
    return title, pages


def _numbers(numbers: Sequence[int]) -> str:
    """``page 3``, or ``pages 1-4, 7`` with runs drawn together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
    return f"page {words}" if len(numbers) == 1 else f"pages {words}"
