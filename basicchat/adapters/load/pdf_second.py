"""The second reader of PDF, pypdf: slow, and patient with files that PDFium does not open."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from basicchat.adapters.load.pdf_text import normalise
from basicchat.adapters.load.pdfium import MAX_PAGES, locked, too_many_pages
from basicchat.core.errors import UnreadableDocument
from basicchat.core.types import Page

# What pypdf raises for damaged files beside its own errors.
_PYPDF_ERRORS = (
    *(OSError, KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, AssertionError),
    *(OverflowError, NotImplementedError, MemoryError, zlib.error, struct.error),
)


def read_with_pypdf(path: Path, *, password: str = "", only: Sequence[int] = ()) -> tuple[str, list[Page]]:
    """The title and the pages, or those pages alone whose numbers are in ``only``.

    Raises `PasswordRequired` and `UnreadableDocument`.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with PdfReader(path) as reader:
            if reader.is_encrypted and not (reader.decrypt("") or (password and reader.decrypt(password))):
                raise locked(password)
            if len(reader.pages) > MAX_PAGES:
                raise too_many_pages()
            title = str((reader.metadata and reader.metadata.title) or "")
            numbers = only or range(1, len(reader.pages) + 1)
            pages = [Page(number, normalise(reader.pages[number - 1].extract_text()).text) for number in numbers]
    except (PyPdfError, *_PYPDF_ERRORS) as error:
        raise UnreadableDocument("The PDF is damaged.") from error
    if not pages:
        raise UnreadableDocument("The PDF is damaged: it has no pages.")
    return title, pages
