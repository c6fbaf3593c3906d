"""EPUB books: chapters in reading order, each a page called by its title."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag

from basicchat.adapters.load.html import markup_of, read_html
from basicchat.adapters.load.markdown import headings_of
from basicchat.adapters.load.outline import stem_of
from basicchat.adapters.load.parts import pages_of
from basicchat.adapters.load.xml import parse
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Json, LoadedDocument, Page, Progress

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MEDIA_TYPE = "application/epub+zip"
MAX_CHAPTER_BYTES = 64 * 2**20
MAX_TEXT_BYTES = 512 * 2**20
"""Bytes of all chapters together when unpacked; pictures are never unpacked."""
MAX_CHAPTERS = 10_000

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError, ValueError)


class EpubLoader:
    """Reads EPUB: a chapter is a page called by its title. Books under copy protection are refused."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument`."""
        try:
            with zipfile.ZipFile(path) as archive:
                book = _Book(archive)
                pages, warnings = _pages(book, tell)
        except UnreadableDocument:
            raise
        except _DAMAGED as error:
            raise UnreadableDocument("The book is damaged.") from error
        if not pages:
            raise UnreadableDocument("The book holds no text.")
        title = book.facts.get("title") or stem_of(path, name)
        facts: dict[str, Json] = {key: value for key, value in book.facts.items() if key != "title"}
        yield LoadedDocument(title, pages, MEDIA_TYPE, metadata=facts, warnings=warnings)


class _Book:
    """An open EPUB: its facts, its chapters in reading order and what the table of contents calls them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._left = MAX_TEXT_BYTES
        if _ENCRYPTION in self._names and _is_protected(parse(self.read(_ENCRYPTION))):
            raise UnreadableDocument("The book is copy-protected.", hint="Add a copy without protection.")
        place = next((each.get("full-path", "") for each in _named(parse(self.read(_CONTAINER)), "rootfile")), "")
        self._folder = posixpath.dirname(place)
        package = parse(self.read(place))
        self._items = {each.get("id", ""): each for each in _named(package, "item")}
        self.facts = _facts(package)
        self.chapters = [
            self._place(self._items[each.get("idref", "")].get("href", ""))
            for each in _named(package, "itemref")
            if each.get("idref", "") in self._items
        ][:MAX_CHAPTERS]
        self.titles = self._titles(package)

    def read(self, name: str) -> bytes:
        """What is in a member. Raises `KeyError`, and `UnreadableDocument` for more than is safe."""
        size = self._archive.getinfo(name).file_size
        self._left -= size
        if size > MAX_CHAPTER_BYTES or self._left < 0:
            raise UnreadableDocument("The book unpacks to more data than is safe to read.")
        return self._archive.read(name)

    def _place(self, reference: str, folder: str | None = None) -> str:
        """The member that a reference names, wherever in the archive; references out of it name nothing."""
        target = unquote(urldefrag(reference).url)
        return posixpath.normpath(posixpath.join(self._folder if folder is None else folder, target))

    def _titles(self, package: Element) -> dict[str, str]:
        """Titles by member, from the table of contents of version 2 or 3; the first title of a member wins."""
        spine = next(_named(package, "spine"), None)
        listed = self._items.get(spine.get("toc", "")) if spine is not None else None
        modern = next((each for each in self._items.values() if "nav" in each.get("properties", "").split()), None)
        item = modern if modern is not None else listed
        place = self._place(item.get("href", "")) if item is not None else ""
        if place not in self._names:
            return {}
        entries = _of_nav(self.read(place)) if item is modern else _of_ncx(self.read(place))
        titles: dict[str, str] = {}
        for reference, words in entries:
            titles.setdefault(self._place(reference, posixpath.dirname(place)), words)
        return titles


def _pages(book: _Book, tell: Tell) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    pages: list[Page] = []
    missing = 0
    for number, place in enumerate(book.chapters, start=1):
        tell(Progress("reading", number, len(book.chapters), "chapters"))
        try:
            data = book.read(place)
        except KeyError:
            missing += 1
            continue
        named, text = read_html(markup_of(data))
        headings = headings_of(text)
        label = book.titles.get(place) or (headings[0].text if headings else "") or named or f"Chapter {number}"
        parts = pages_of(text, headings)
        for part in parts:
            called = f"{label}, part {part.number}" if len(parts) > 1 else label
            pages.append(replace(part, number=len(pages) + 1, label=called))
    return tuple(pages), (f"{missing} chapters are missing from the book.",) if missing else ()


def _is_protected(encryption: Element) -> bool:
    methods = (each.get("Algorithm", "") for each in _named(encryption, "EncryptionMethod"))
    return any(method not in _FONTS_ONLY for method in methods)


def _facts(package: Element) -> dict[str, str]:
    facts: dict[str, str] = {}
    for field in ("title", "creator", "date", "publisher", "language"):
        words = [" ".join((each.text or "").split()) for each in _named(package, field)]
        if found := ", ".join(filter(None, words[:1] if field == "title" else words)):
            facts["author" if field == "creator" else field] = found
    return facts


def _of_ncx(data: bytes) -> Iterator[tuple[str, str]]:
    for point in _named(parse(data), "navPoint"):
        label = next(_named(point, "text"), None)
        content = next(_named(point, "content"), None)
        if label is not None and content is not None:
            yield content.get("src", ""), " ".join((label.text or "").split())


def _of_nav(data: bytes) -> Iterator[tuple[str, str]]:
    from bs4 import BeautifulSoup

    for link in BeautifulSoup(markup_of(data), "html.parser").select("nav a[href]"):
        yield str(link["href"]), " ".join(link.get_text().split())


def _named(element: Element, local: str) -> Iterator[Element]:
    """Elements of a name, whatever their namespace."""
    return (each for each in element.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == local)
