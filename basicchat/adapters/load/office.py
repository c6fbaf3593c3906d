"""Word documents (DOCX), through mammoth: HTML, then Markdown, headings kept."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.html import read_html
from basicchat.adapters.load.markdown import headings_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAX_XML_BYTES = 64 * 2**20
"""XML of a document when unpacked. A thousand-page book is under 20 MB; the tree takes about ten times as much."""
MAX_UNPACKED_BYTES = 2 * 2**30
MAX_MEMBERS = 20_000

_XML = (".xml", ".rels")
_DOCTYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


class DocxLoader:
    """Reads DOCX. Pages are made by Word when it prints, so there is one page here."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document of one page. Raises `UnreadableDocument`."""
        try:
            check_package(path)
            markup, title = _to_html(path), _title(path)
        except UnreadableDocument:
            raise
        except _FOREIGN as error:
            raise UnreadableDocument("The Word document is damaged.") from error
        _, text = read_html(markup)
        if not text:
            raise UnreadableDocument(
                "The Word document holds no text.", hint="If it holds pictures of text, add those."
            )
        page = Page(1, text, headings_of(text))
        first = page.headings[0].text if page.headings and page.headings[0].start == 0 else ""
        yield LoadedDocument(title or first or Path(name or path.name).stem, (page,), MEDIA_TYPE)


def check_package(path: Path) -> None:
    """Refuse a package that unpacks beyond reason or whose XML declares a document type.

    Declared sizes can be trusted: `zipfile` never unpacks more of a member than its entry says. A document type is
    where entities are declared, those that expand a thousandfold and those that name other files; Word writes none.
    """
    with zipfile.ZipFile(path) as package:
        members = package.infolist()
        xml = [member for member in members if member.filename.lower().endswith(_XML)]
        if (
            len(members) > MAX_MEMBERS
            or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES
            or sum(member.file_size for member in xml) > MAX_XML_BYTES
        ):
            raise UnreadableDocument("The Word document unpacks to more data than is safe to read.")
        for member in xml:
            data = package.read(member).upper()
            if any(mark in data for mark in _DOCTYPE):
                raise UnreadableDocument("The Word document declares XML entities, which is not safe to read.")


def _to_html(path: Path) -> str:
    import mammoth

    with path.open("rb") as file:
        # Pictures would become megabytes of base64 in the text.
        result = mammoth.convert_to_html(file, convert_image=mammoth.images.img_element(lambda _: {}))
    return str(result.value)


def _title(path: Path) -> str:
    """The title of the document's properties, empty if it has none."""
    from xml.etree import ElementTree

    with zipfile.ZipFile(path) as package:
        if "docProps/core.xml" not in package.namelist():
            return ""
        root = ElementTree.fromstring(package.read("docProps/core.xml"))  # noqa: S314 - as above
    return " ".join((root.findtext("{http://purl.org/dc/elements/1.1/}title") or "").split())


def _foreign() -> tuple[type[BaseException], ...]:
    from xml.etree.ElementTree import ParseError
    from xml.parsers.expat import ExpatError
    from zlib import error as zlib_error

    return (
        *(zipfile.BadZipFile, zlib_error, ExpatError, ParseError, OSError, EOFError, RuntimeError, NotImplementedError),
        *(KeyError, ValueError, AttributeError, IndexError, TypeError),
    )


_FOREIGN = _foreign()
"""What mammoth and the readers under it raise for a damaged file; `RecursionError` is a `RuntimeError`."""
