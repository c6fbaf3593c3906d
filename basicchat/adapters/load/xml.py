"""XML without entities, external parts and programs."""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.adapters.load.encoding import read_bytes
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MEDIA_TYPE = "application/xml"
_HINT = "Save it without its <!DOCTYPE ...> part and add that copy."
DEEPEST = 400
"""Elements within elements that are followed; no document of people's comes near."""

_TITLES = frozenset({"title", "article-title", "invention-title", "heading", "head", "bridgehead", "chapter-title"})
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bold", "cite", "code", "em", "emphasis", "ext-link", "i", "italic", "kbd", "link"),
        *("literal", "named-content", "q", "sc", "small", "span", "strong", "styled-content", "sub", "sup", "u"),
        *("ulink", "underline", "uri", "xref"),
    }
)
_ROWS = frozenset({"tr", "row"})
_QUIET = frozenset({"id", "lang", "rid", "ref-type", "space", "schemaLocation", "noNamespaceSchemaLocation", "class"})
"""Attributes that say nothing to a reader."""
_PROGRAMS = "{http://www.w3.org/1999/XSL/Transform}"
_DOCUMENT_TYPES = re.compile(
    r"<!DOCTYPE\s+[\w.:-]+(?:\s+(?:PUBLIC\s+[\"'][^\"']*//(?:NLM|NISO|USPTO|OASIS|W3C//DTD SVG|ISBN|Apple)[^\"']*[\"']"
    r"|SYSTEM\s+[\"'](?:us-|patent-|pap-)[\w.-]+\.dtd[\"'])(?:\s*[\"'][^\"']*[\"'])?)?\s*[\[>]"
)
"""Declarations of well-known kinds of documents, or with nothing outside the file; what they name is never opened."""


class XmlLoader:
    """Reads XML: titles as headings, text as paragraphs, data as ``name: value`` lines, rows of tables as rows."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`, for hostile XML too."""
        data = read_bytes(path)
        root = parse(data)
        if root.tag.startswith(_PROGRAMS):
            raise UnreadableDocument(
                "This is an XSLT stylesheet, a program and not a document.", hint="Add its output instead."
            )
        outline = Outline()
        _write(outline, root, level=1, depth=0)
        yield outline.document(MEDIA_TYPE, title=outline.first_heading(stem_of(path, name)))


def parse(data: bytes) -> Element:
    """The tree of an XML file. Raises `UnreadableDocument` for damaged XML and for any that declares entities."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    parser = _parser()
    try:
        if (doctype := _doctype(data)) and not _DOCUMENT_TYPES.match(doctype):
            raise UnreadableDocument(
                "The XML refers to a document type elsewhere, which is not safe to read.", hint=_HINT
            )
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise UnreadableDocument("The XML declares entities, which is not safe to read.", hint=_HINT) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableDocument(f"The XML is damaged: {error}.") from error
    return root


def _doctype(data: bytes) -> str:
    """How the declaration of the document type begins, empty if there is none."""
    head = data[:65_536].replace(b"\0", b"")
    found = head.find(b"<!DOCTYPE")
    return head[found : found + 2_000].decode("latin-1") if found >= 0 else ""


def _parser() -> Any:
    """A parser that knows the names of characters and refuses every other entity; pictures may have names."""
    from defusedxml.ElementTree import XMLParser

    parser = XMLParser(forbid_dtd=False, forbid_entities=True, forbid_external=True)
    refuse = parser.defused_entity_decl

    def entity(name: str, parameter: bool, value: str, base: str, system: str, public: str, notation: str) -> None:
        if not notation:
            refuse(name, parameter, value, base, system, public, notation)

    parser.parser.EntityDeclHandler = entity
    parser.parser.UnparsedEntityDeclHandler = None
    parser.entity.update(html.entities.entitydefs)
    return parser


def _write(outline: Outline, element: Element, *, level: int, depth: int) -> None:
    if not isinstance(element.tag, str):  # a comment
        return
    if depth > DEEPEST:
        raise UnreadableDocument("The XML is nested too deeply to be read.")
    tag, text = _local(element.tag), _words(element.text)
    if tag in _TITLES:
        outline.heading(level, _all_words(element))
    elif tag in _ROWS:
        cells = [_all_words(cell) for cell in element]
        outline.line(f"| {' | '.join(cells)} |" if cells else _all_words(element))
    elif text or not len(element):
        _leaf(outline, element, tag, level=level, depth=depth)
    else:
        _told(outline, tag, element)
        inner = level + any(_local(child.tag) in _TITLES for child in element if isinstance(child.tag, str))
        for child in element:
            _write(outline, child, level=min(level if _is_title(child) else inner, 9), depth=depth + 1)
            if tail := _words(child.tail):
                outline.line(tail)
        outline.line("")


def _leaf(outline: Outline, element: Element, tag: str, *, level: int, depth: int) -> None:
    """An element that begins with words: a paragraph, or a value with its name."""
    blocks = [child for child in element if not _is_inline(child)]
    if len(element) and not blocks:
        outline.block(_all_words(element))
    elif not len(element):
        attributes = _attributes(element)
        name = f"{tag} ({attributes})" if attributes else tag
        words = _words(element.text)
        if words or attributes:
            outline.line(words if words and tag in {"p", "para", "simpara"} else f"{name}: {words}".rstrip(": "))
    else:
        outline.line("")
        outline.line(_words(element.text))
        for child in element:
            if _is_inline(child):
                outline.line(_all_words(child))
            else:
                _write(outline, child, level=level, depth=depth + 1)
            outline.line(_words(child.tail)) if _words(child.tail) else None
        outline.line("")


def _told(outline: Outline, tag: str, element: Element) -> None:
    """Attributes of an element that holds others."""
    if attributes := _attributes(element):
        outline.line(f"{tag} ({attributes})")


def _attributes(element: Element) -> str:
    told = ((_local(name), _words(value)) for name, value in element.attrib.items())
    return ", ".join(f"{name}: {value}" for name, value in told if value and name not in _QUIET)


def _is_title(element: Element) -> bool:
    return isinstance(element.tag, str) and _local(element.tag) in _TITLES


def _is_inline(element: Element) -> bool:
    return not isinstance(element.tag, str) or _local(element.tag) in _INLINE


def _all_words(element: Element) -> str:
    return _words("".join(element.itertext()))


def _words(text: str | None) -> str:
    return " ".join(text.split()) if text else ""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
