"""Readers of document formats, and what draws their pages. Each loads its library on first use."""

from __future__ import annotations

from basicchat.adapters.load.html import HtmlLoader
from basicchat.adapters.load.legacy import LegacyLoader
from basicchat.adapters.load.office import DocxLoader
from basicchat.adapters.load.opendocument import OpenDocumentLoader
from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.pdf_render import PdfRenderer
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.load.rtf import RtfLoader
from basicchat.adapters.load.sheets import SheetLoader
from basicchat.adapters.load.slides import SlideLoader
from basicchat.adapters.load.table import TableLoader
from basicchat.adapters.load.text import TextFileLoader
from basicchat.core.protocols import Loader, PageRenderer


def default_loaders(options: LoadOptions = DEFAULT_OPTIONS) -> tuple[Loader, ...]:
    """A loader for every format that is read: PDF, DOCX, HTML, Markdown, text, CSV and JSONL."""
    return (PdfLoader(), HtmlLoader(), TextFileLoader(), TableLoader(), RecordLoader(), *office_loaders())


def office_loaders() -> tuple[Loader, ...]:
    """Loaders of office documents: Word, spreadsheets, slides, OpenDocument, RTF, and the old binary formats."""
    return (DocxLoader(), SheetLoader(), SlideLoader(), OpenDocumentLoader(), RtfLoader(), LegacyLoader())


def default_renderers() -> tuple[PageRenderer, ...]:
    """What can draw pages of kept originals: PDF."""
    return (PdfRenderer(),)


__all__ = ["LoadOptions", "default_loaders", "default_renderers"]
