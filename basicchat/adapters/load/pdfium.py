"""PDFium, which is fast and not thread-safe: whoever calls it holds `LOCK`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from basicchat.core.errors import PasswordRequired, UnreadableDocument

LOCK = threading.RLock()
"""One for the process, as PDFium's state is. Held for a page at a time, so that drawing need not wait for reading."""

_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """An open `pypdfium2.PdfDocument`. Raises `PasswordRequired` or `UnreadableDocument`.

    An encrypted file whose password is empty opens like any other.
    """
    import pypdfium2

    try:
        with LOCK:
            document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR:
            raise PasswordRequired("The PDF is locked with a password.") from error
        raise UnreadableDocument("The PDF is damaged.") from error
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be opened: {error.strerror}.") from error
    try:
        yield document
    finally:
        with LOCK:
            document.close()


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
