"""Readers of document formats, and what draws their pages. Each loads its library on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from basicchat.adapters.load.asciidoc import AsciidocLoader
from basicchat.adapters.load.audio import AudioLoader
from basicchat.adapters.load.code import CodeLoader
from basicchat.adapters.load.epub import EpubLoader
from basicchat.adapters.load.html import HtmlLoader
from basicchat.adapters.load.image import ImageLoader, ImageRenderer
from basicchat.adapters.load.json_data import JsonLoader
from basicchat.adapters.load.latex import LatexLoader
from basicchat.adapters.load.legacy import LegacyLoader
from basicchat.adapters.load.mail import MailboxLoader, MailLoader, SavedPageLoader
from basicchat.adapters.load.notebook import NotebookLoader
from basicchat.adapters.load.office import DocxLoader
from basicchat.adapters.load.opendocument import OpenDocumentLoader
from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.adapters.load.outlook import OutlookLoader
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.pdf_render import PdfRenderer
from basicchat.adapters.load.pdf_unlock import unlocked_copy
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.load.rst import RstLoader
from basicchat.adapters.load.rtf import RtfLoader
from basicchat.adapters.load.sheets import SheetLoader
from basicchat.adapters.load.slides import SlideLoader
from basicchat.adapters.load.subtitles import SubtitleLoader
from basicchat.adapters.load.table import TableLoader
from basicchat.adapters.load.text import TextFileLoader
from basicchat.adapters.load.xml import XmlLoader
from basicchat.core.protocols import Loader, PageRenderer


def default_loaders(options: LoadOptions = DEFAULT_OPTIONS) -> tuple[Loader, ...]:
    """A loader for every format that is read."""
    return (
        *(PdfLoader(options), ImageLoader(options), TableLoader(), RecordLoader()),
        *(*text_loaders(), *office_loaders(), AudioLoader(options)),
    )


def text_loaders() -> tuple[Loader, ...]:
    """Loaders of what is text inside: web pages, markup, mail, books, notebooks, source code, data."""
    return (
        *(HtmlLoader(), TextFileLoader(), RstLoader(), AsciidocLoader(), LatexLoader(), SubtitleLoader(), EpubLoader()),
        *(MailLoader(), MailboxLoader(), OutlookLoader(), SavedPageLoader(), NotebookLoader(), CodeLoader()),
        *(JsonLoader(), XmlLoader()),
    )


def office_loaders() -> tuple[Loader, ...]:
    """Loaders of office documents: Word, spreadsheets, slides, OpenDocument, RTF, and the old binary formats."""
    return (DocxLoader(), SheetLoader(), SlideLoader(), OpenDocumentLoader(), RtfLoader(), LegacyLoader())


def default_renderers() -> tuple[PageRenderer, ...]:
    """What can draw pages of kept originals: PDF and pictures."""
    return (PdfRenderer(), ImageRenderer())


def default_unlocks() -> Mapping[str, Callable[[Path, str, Path], bool]]:
    """By media type, how a file that needs a password is copied so that it can be drawn without one: PDF."""
    return {"application/pdf": unlocked_copy}


__all__ = ["LoadOptions", "default_loaders", "default_renderers", "default_unlocks"]
