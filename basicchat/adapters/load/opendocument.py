"""OpenDocument texts and presentations (ODT, ODP). Spreadsheets of that family are read with the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from basicchat.adapters.load.compose import Composer
from basicchat.adapters.load.opendocument_text import Styles, Writer, read_styles
from basicchat.adapters.load.package import UNLOCK, Package, open_package
from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page, Progress, Table

ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
WHAT = "OpenDocument file"


class OpenDocumentLoader:
    """Reads ODT, on one page or in parts of a long text, and ODP, every slide a page."""

    media_types = frozenset({ODT, ODP})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument`, and `PasswordRequired` for every locked file."""
        with open_package(path, what=WHAT) as package:
            _refuse_locked(package)
            root, styles = package.xml("content.xml"), package.xml("styles.xml")
            body = None if root is None else root.find("body")
            if root is None or body is None:
                raise UnreadableDocument("The OpenDocument file has no content.")
            known = read_styles(root, styles)
            shows = body.find("presentation")
            if shows is not None:
                kind, (pages, tables, first) = ODP, _slides(package, shows, known, tell)
            else:
                kind, (pages, tables, first) = ODT, _text(package, body, styles, known)
            title = _title(package)
        if not any(page.text for page in pages):
            raise UnreadableDocument("The OpenDocument file holds no text.")
        yield LoadedDocument(title or first or Path(name or path.name).stem, pages, kind, tables=tables)


Read = tuple[tuple[Page, ...], tuple[Table, ...], str]
"""Pages, tables and the heading that the text begins with."""


def _refuse_locked(package: Package) -> None:
    manifest = package.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("encryption-data"), None) is not None:
        raise PasswordRequired("The OpenDocument file is locked with a password.", hint=UNLOCK)


def _title(package: Package) -> str:
    root = package.xml("meta.xml")
    found = None if root is None else next(root.iter("title"), None)
    return "" if found is None else " ".join((found.text or "").split())


def _text(package: Package, body: Element, styles: Element | None, known: Styles) -> Read:
    writer = Writer(package, known)
    out = Composer()
    writer.blocks(body, out)
    writer.notes(out)
    for text in _margins(writer, styles):
        out.paragraph(text)
    return *out.document(), out.first_heading


def _margins(writer: Writer, styles: Element | None) -> Iterator[str]:
    """Headers and footers that say more than a page number, each once."""
    said = set()
    for element in styles.iter() if styles is not None else ():
        if element.tag in {"header", "footer", "header-first", "footer-first"}:
            text = writer.line(element)
            if any(character.isalpha() for character in text) and text not in said:
                said.add(text)
                yield f"{element.tag.partition('-')[0].capitalize()}: {text}"


def _slides(package: Package, shows: Element, known: Styles, tell: Tell) -> Read:
    pages: list[Page] = []
    tables: list[Table] = []
    slides = shows.findall("page")
    for number, slide in enumerate(slides, start=1):
        tell(Progress("reading", number - 1, len(slides), "slides"))
        out, writer = Composer(), Writer(package, known)
        shapes = list(slide)
        titles = [shape for shape in shapes if shape.get("class") == "title"]
        for shape in titles:
            out.heading(1, writer.line(shape))
        for shape in shapes:
            if shape.tag == "notes":
                notes = writer.line(shape)
                out.paragraph(f"Notes: {notes}" if notes else "")
            elif shape not in titles:
                writer.drawn(shape, out)
        writer.notes(out)
        pages.append(out.page(number, label=f"Slide {number}"))
        tables += out.tables(page=number)
    first = pages[0].headings[0].text if pages and pages[0].headings else ""
    return tuple(pages), tuple(tables), first
