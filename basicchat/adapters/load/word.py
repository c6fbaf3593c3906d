"""The body of a Word document, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from basicchat.adapters.load.charts import write_chart, write_diagram
from basicchat.adapters.load.compose import CellComposer, Composer, Rows
from basicchat.adapters.load.formula import latex_of
from basicchat.adapters.load.numbering import Numbering, value_of, whole
from basicchat.adapters.load.package import Package, Relation
from basicchat.core.errors import UnreadableDocument

# Deleted text, codes of fields and properties; the pictures of text boxes stand a second time in a fallback.
_UNSEEN = frozenset(
    ["del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr"]
)
_OFF = frozenset({"0", "false", "off"})
_HEADING = re.compile(r"heading (\d)$")
MAX_SPAN = 1000
"""Columns of a table; a damaged file may claim more."""


@dataclass(frozen=True)
class Style:
    """What matters of a paragraph's style: level of heading (0 for none), list and depth in it."""

    level: int = 0
    number: str = ""
    depth: int = 0


@dataclass
class _Word:
    """What is known of the whole document while its blocks are read."""

    package: Package
    part: str
    styles: dict[str, Style]
    numbering: Numbering
    notes: dict[str, Element]
    relations: dict[str, Relation]
    noted: dict[str, None] = field(default_factory=dict)  # in order

    def blocks(self, parent: Element, out: Composer) -> None:
        """Write every block under an element."""
        for child in parent:
            if child.tag == "p":
                self._paragraph(child, out)
            elif child.tag == "tbl":
                self._table(child, out)
            elif child.tag == "AlternateContent":
                self.blocks(_chosen(child), out)
            elif child.tag not in _UNSEEN:
                self.blocks(child, out)

    def _paragraph(self, element: Element, out: Composer) -> None:
        if element.find("./pPr/rPr/del") is not None and not self._text(element).strip():
            return
        style = self._style(element)
        text = self._text(element)
        mark = self.numbering.next(style.number, style.depth) if style.number and text.strip() else None
        if style.level:
            out.heading(style.level, f"{mark} {text}" if mark else text)
        elif mark is not None:
            out.item(text, depth=style.depth, mark=mark or "-")
        else:
            out.paragraph(text)
        for drawing in _drawings(element):
            self._drawn(drawing, out)

    def _style(self, element: Element) -> Style:
        properties = element.find("pPr")
        style = self.styles.get(value_of(properties, "pStyle"), Style())
        return _own(properties, style) if properties is not None else style

    def _text(self, element: Element) -> str:
        return "".join(self._inline(element))

    def _inline(self, element: Element) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in {"t", "m-t"}:
                yield child.text or ""
            elif tag in {"m-oMath", "m-oMathPara"}:
                yield from _formulas(child)
            elif tag == "r" and _hidden(child):
                continue
            elif tag == "sdt":
                yield from self._control(child)
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag in {"footnoteReference", "endnoteReference"}:
                yield self._note_mark(f"{tag.removesuffix('Reference')} {child.get('id', '')}")
            elif tag == "AlternateContent":
                yield from self._inline(_chosen(child))
            elif tag not in _UNSEEN and tag not in {"txbxContent", "drawing", "pict"}:
                yield from self._inline(child)

    def _control(self, element: Element) -> Iterator[str]:
        ticked = element.find("./sdtPr/checkbox/checked")
        if ticked is not None:
            yield "[ ]" if ticked.get("val") in _OFF else "[x]"
        else:
            yield from self._inline(element)

    def _note_mark(self, name: str) -> str:
        if name not in self.notes:
            return ""
        self.noted.setdefault(name)
        return f"[^{list(self.noted).index(name) + 1}]"

    def _drawn(self, element: Element, out: Composer) -> None:
        """Text boxes, charts, diagrams and what a picture is said to show."""
        if element.tag == "txbxContent":
            self.blocks(element, out)
            return
        identity = element.get("r-id") or element.get("r-dm") or ""
        relation = self.relations.get(identity)
        if element.tag == "docPr":
            words = element.get("descr", "").strip()
            out.paragraph(f"[Picture: {words}]" if words else "")
        elif relation is not None and relation.kind == "chart":
            write_chart(self.package, relation.target, out)
        elif relation is not None and relation.kind == "diagramData":
            write_diagram(self.package, relation.target, out)

    def _table(self, element: Element, out: Composer) -> None:
        rows = [row for row in _children(element, "tr") if row.find("./trPr/del") is None]
        cells = [(_columns(row.find("trPr"), "gridBefore", 0), list(_children(row, "tc"))) for row in rows]
        alone = [cell for _, row in cells for cell in row]
        if len(alone) == 1:
            self.blocks(alone[0], out)  # a frame round text
        else:
            out.table(self._rows(cells))

    def _rows(self, cells: list[tuple[int, list[Element]]]) -> Rows:
        rows: Rows = []
        for before, row in cells:
            line: list[str] = [""] * before
            for cell in row:
                properties = cell.find("tcPr")
                span = max(_columns(properties, "gridSpan", 1), 1)
                merged = None if properties is None else properties.find("vMerge")
                goes_on = merged is not None and merged.get("val", "continue") == "continue"
                above = rows[-1][len(line)] if goes_on and rows and len(line) < len(rows[-1]) else None
                line += [above if above is not None else self._cell(cell)] * span
            rows.append(line)
        return rows

    def _cell(self, element: Element) -> str:
        inner = CellComposer()
        self.blocks(element, inner)
        return inner.line()


_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


def read_word(package: Package) -> Composer:
    """Everything that a reader of the document sees, notes, comments, headers and footers at its end."""
    part = next(iter(package.related("", "officeDocument")), "word/document.xml")
    root = package.xml(part)
    body = None if root is None else root.find("body")
    if body is None:
        raise UnreadableDocument("The Word document has no body.")
    word = _open(package, part)
    out = Composer()
    word.blocks(body, out)
    for number, name in enumerate(word.noted, start=1):
        out.paragraph(f"[^{number}]: {_plain(word, word.notes[name])}")
    _write_comments(package, word, out)
    _write_margins(package, word, out)
    return out


def _open(package: Package, part: str) -> _Word:
    styles = [package.xml(name) for name in package.related(part, "styles")]
    numbering = [package.xml(name) for name in package.related(part, "numbering")]
    notes = {}
    for kind in ("footnote", "endnote"):
        for name in package.related(part, f"{kind}s"):
            root = package.xml(name)
            found = root.iter(kind) if root is not None else ()
            notes.update({f"{kind} {each.get('id', '')}": each for each in found})
    known, listed = read_styles(styles[0] if styles else None)
    counted = Numbering.read(numbering[0] if numbering else None, listed)
    return _Word(package, part, known, counted, notes, package.relations(part))


def read_styles(root: Element | None) -> tuple[dict[str, Style], dict[str, str]]:
    """Paragraph styles by id, what they inherit included; and the list that each style of a list defines."""
    elements = {each.get("styleId", ""): each for each in (root.iter("style") if root is not None else ())}
    found: dict[str, Style] = {}

    def style(name: str, seen: frozenset[str]) -> Style:
        if name in found or name not in elements or name in seen:
            return found.get(name, Style())
        element = elements[name]
        based = style(value_of(element, "basedOn"), seen | {name})
        title = value_of(element, "name").lower()
        named = _HEADING.match(title)
        level = int(named[1]) if named else {"title": 1, "subtitle": 2}.get(title, based.level)
        based = Style(level, based.number, based.depth)
        properties = element.find("pPr")
        found[name] = _own(properties, based) if properties is not None else based
        return found[name]

    for name in elements:
        style(name, frozenset())
    return found, {name: value_of(element.find("./pPr/numPr"), "numId") for name, element in elements.items()}


def _own(properties: Element, style: Style) -> Style:
    """A style with what a paragraph or a style says itself. Level 9 of an outline is body text, list 0 none."""
    level = style.level
    if properties.find("outlineLvl") is not None:
        level = (whole(value_of(properties, "outlineLvl"), 9) + 1) % 10
    numbers = properties.find("numPr")
    number = value_of(numbers, "numId", style.number)
    depth = max(whole(value_of(numbers, "ilvl"), style.depth), 0)
    return Style(level, "" if number == "0" else number, depth)


def _chosen(element: Element) -> Element:
    """What Word shows of alternatives: the first that it knows, which is the first that holds anything."""
    return next((child for child in element if child.tag in {"Choice", "Fallback"} and len(child)), Element("none"))


def _hidden(run: Element) -> bool:
    vanish = run.find("./rPr/vanish")
    return vanish is not None and vanish.get("val", "1") not in _OFF


def _formulas(element: Element) -> Iterator[str]:
    for each in [element] if element.tag == "m-oMath" else element.findall("m-oMath"):
        if text := latex_of(each):
            yield f" ${text}$ "


def _drawings(element: Element) -> Iterator[Element]:
    """What is drawn at a paragraph, outermost first, alternatives once."""
    for child in element:
        if child.tag == "AlternateContent":
            yield from _drawings(_chosen(child))
        elif child.tag in {"txbxContent", "chart", "relIds", "docPr"}:
            yield child
        elif child.tag not in _UNSEEN:
            yield from _drawings(child)


def _children(element: Element, tag: str) -> Iterator[Element]:
    """Rows or cells, also those inside controls and marks of a revision."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in {"sdt", "sdtContent", "ins", "customXml", "moveTo", "smartTag"}:
            yield from _children(child, tag)


def _columns(properties: Element | None, name: str, default: int) -> int:
    return min(max(whole(value_of(properties, name), default), 0), MAX_SPAN)


def _plain(word: _Word, element: Element) -> str:
    inner = CellComposer()
    word.blocks(element, inner)
    return inner.line()


def _write_comments(package: Package, word: _Word, out: Composer) -> None:
    for name in package.related(word.part, "comments"):
        root = package.xml(name)
        for comment in root.iter("comment") if root is not None else ():
            text, author = _plain(word, comment), comment.get("author", "").strip()
            out.paragraph(f"Comment{f' by {author}' if author else ''}: {text}" if text else "")


def _write_margins(package: Package, word: _Word, out: Composer) -> None:
    """Headers and footers that say more than a page number, each once."""
    said = set()
    for kind in ("header", "footer"):
        for name in package.related(word.part, kind):
            root = package.xml(name)
            text = "" if root is None else _plain(word, root)
            if any(character.isalpha() for character in text) and text not in said:
                said.add(text)
                out.paragraph(f"{kind.capitalize()}: {text}")
