"""Copies of locked PDF without their lock, so that their pages can be looked at without asking again."""

from __future__ import annotations

from pathlib import Path

from basicchat.adapters.load import pdfium
from basicchat.core.errors import PasswordRequired, UnreadableDocument


def unlocked_copy(path: Path, password: str, target: Path) -> bool:
    """Write a copy of ``path`` that opens without a password; False, and no copy, where there is no need or no way."""
    try:
        with pdfium.open_pdf(path):
            return False
    except PasswordRequired:
        pass
    except UnreadableDocument:
        return False
    return _save(path, password, target)


def _save(path: Path, password: str, target: Path) -> bool:
    import pypdfium2

    try:
        with pdfium.open_pdf(path, password) as document, pdfium.LOCK:
            document.save(target, flags=pypdfium2.raw.FPDF_REMOVE_SECURITY)
    except (UnreadableDocument, pypdfium2.PdfiumError, OSError):
        target.unlink(missing_ok=True)
        return False
    return True
