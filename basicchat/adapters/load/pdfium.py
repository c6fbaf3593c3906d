"""PDFium, which is fast and not thread-safe: whoever calls it holds `LOCK`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from basicchat.adapters.load.encoding import UNOPENED
from basicchat.core.errors import PasswordRequired, UnreadableDocument

LOCK = threading.RLock()
"""One for the process, as PDFium's state is. Held for a page at a time, so that drawing need not wait for reading."""

MAX_PAGES = 50_000
"""Of a document. More are a mistake or a trap."""

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


@contextmanager
def open_pdf(path: Path, password: str = "") -> Iterator[Any]:
    """An open `pypdfium2.PdfDocument`. Raises `PasswordRequired` or `UnreadableDocument`.

    An encrypted file whose password is empty opens like any other, whatever ``password`` is.
    """
    import pypdfium2

    try:
        with LOCK:
            document = pypdfium2.PdfDocument(path, password or None)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise locked(password) from error
        raise UnreadableDocument("The PDF is damaged.") from error
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be opened: {error.strerror}.", hint=UNOPENED) from error
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def locked(password: str) -> PasswordRequired:
    """That a file needs a password, or another one."""
    return PasswordRequired(
        "The password does not open the PDF." if password else "The PDF is locked with a password.",
        hint="Drop it on the Library page, which asks for its password, or add a copy without one.",
    )


def too_many_pages() -> UnreadableDocument:
    """More than `MAX_PAGES`."""
    return UnreadableDocument(f"The PDF has more than {MAX_PAGES:,} pages.", hint="Split it and add the parts.")


@contextmanager
def open_page(document: Any, index: int) -> Iterator[tuple[Any, Any]]:
    """A page (from 0) and its text page, closed together. Hold `LOCK` around the whole block.

    Raises `UnreadableDocument`.
    """
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"Page {index + 1} of the PDF is damaged.") from error
    try:
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        page.close()
        raise UnreadableDocument(f"Page {index + 1} of the PDF is damaged.") from error
    try:
        yield page, text
    finally:
        text.close()
        page.close()
