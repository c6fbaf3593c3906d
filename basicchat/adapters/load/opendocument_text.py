"""Paragraphs, lists, tables and drawings of OpenDocument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from basicchat.adapters.load.compose import CellComposer, Composer, Rows
from basicchat.adapters.load.numbering import letters, roman, whole
from basicchat.adapters.load.package import Package

MAX_REPEATED = 1000
"""Cells or rows that one entry may stand for; a sheet's unused rest is written as one entry of millions."""

_UNSEEN = frozenset(
    (
        *(
            "tracked-changes",
            "sequence-decls",
            "variable-decls",
            "user-field-decls",
            "forms",
            "scripts",
            "soft-page-break",
        ),
        *(
            "table-of-content-source",
            "alphabetical-index-source",
            "bibliography-source",
            "date-time-decl",
            "footer-decl",
        ),
        *("deletion", "event-listeners", "settings", "header-decl"),
    )
)
_ROW_GROUPS = frozenset({"table-header-rows", "table-rows", "table-row-group"})
_TITLES = {"Title": 1, "Subtitle": 2}
_DRAWN = frozenset(
    {"frame", "custom-shape", "rect", "ellipse", "g", "text-box", "line", "connector", "caption", "polygon"}
)


@dataclass(frozen=True)
class Styles:
    """Parents of styles, and what each level of a list style is drawn with; empty for a bullet."""

    parents: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[int, str]] = field(default_factory=dict)

    def title_level(self, name: str) -> int:
        """1 for a title, 2 for a subtitle, 0 for what is neither."""
        seen = set()
        while name and name not in _TITLES and name not in seen:
            seen.add(name)
            name = self.parents.get(name, "")
        return _TITLES.get(name, 0)


def read_styles(*roots: Element | None) -> Styles:
    """The styles of ``content.xml`` and ``styles.xml``."""
    found = Styles()
    for element in (each for root in roots if root is not None for each in root.iter()):
        name = element.get("name", "")
        if element.tag == "style":
            found.parents.setdefault(name, element.get("parent-style-name", ""))
        elif element.tag == "list-style":
            levels = {
                whole(level.get("level"), 1): level.get("num-format", "") if level.tag.endswith("number") else ""
                for level in element
            }
            found.lists.setdefault(name, levels)
    return found


class Writer:
    """Writes what stands under an element, block by block, and remembers notes and comments."""

    def __init__(self, package: Package, styles: Styles) -> None:
        self._package, self._styles = package, styles
        self._notes: list[Element] = []
        self._comments: list[Element] = []

    def blocks(self, parent: Element, out: Composer) -> None:
        """Write every block under an element."""
        for child in parent:
            if child.tag in {"p", "h"}:
                self._paragraph(child, out)
            elif child.tag == "list":
                self._list(child, out, 0, "")
            elif child.tag == "table":
                self._table(child, out)
            elif child.tag in _DRAWN:
                self.drawn(child, out)
            elif child.tag not in _UNSEEN:
                self.blocks(child, out)

    def drawn(self, element: Element, out: Composer) -> None:
        """Write a frame or a shape: its text, its table, its embedded object, and what it is said to show."""
        for child in element:
            if child.tag in {"image", "plugin"}:
                continue
            if child.tag == "object":
                self._object(child, out)
            elif child.tag in {"title", "desc"}:
                out.paragraph(f"[Picture: {child.text.strip()}]" if child.text and child.text.strip() else "")
            elif child.tag in _DRAWN:
                self.drawn(child, out)
            else:
                self.blocks_of_one(child, out)

    def blocks_of_one(self, element: Element, out: Composer) -> None:
        """Write one block."""
        holder = Element("holder")
        holder.append(element)
        self.blocks(holder, out)

    def notes(self, out: Composer) -> None:
        """Write footnotes and comments, which stand at the end."""
        for number, note in enumerate(self._notes, start=1):
            body = note.find("note-body")
            out.paragraph(f"[^{number}]: {self.line(body)}" if body is not None else "")
        for comment in self._comments:
            author = (comment.findtext("creator") or "").strip()
            texts = " ".join(self._text(paragraph) for paragraph in comment.iter("p")).strip()
            out.paragraph(f"Comment{f' by {author}' if author else ''}: {texts}" if texts else "")

    def line(self, element: Element) -> str:
        """Everything under an element on one line."""
        inner = CellComposer()
        self.blocks(element, inner)
        return inner.line()

    def _paragraph(self, element: Element, out: Composer) -> None:
        text = self._text(element)
        level = self._styles.title_level(element.get("style-name", ""))
        if element.tag == "h" or level:
            out.heading(level or whole(element.get("outline-level"), 1), text)
        else:
            out.paragraph(text)
        self._drawings(element, out)

    def _drawings(self, element: Element, out: Composer) -> None:
        for child in element:
            if child.tag in _DRAWN:
                self.drawn(child, out)
            else:
                self._drawings(child, out)

    def _text(self, element: Element) -> str:
        return "".join(self._inline(element)).strip()

    def _inline(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if child.tag == "s":
                yield " " * min(whole(child.get("c"), 1), 100)
            elif child.tag in {"tab", "line-break"}:
                yield "\t" if child.tag == "tab" else "\n"
            elif child.tag == "note":
                self._notes.append(child)
                yield f"[^{len(self._notes)}]"
            elif child.tag == "annotation":
                self._comments.append(child)
            elif child.tag not in _DRAWN and child.tag not in _UNSEEN:
                yield from self._inline(child)
            yield child.tail or ""

    def _list(self, element: Element, out: Composer, depth: int, style: str) -> None:
        style = element.get("style-name", "") or style
        form = self._styles.lists.get(style, {}).get(depth + 1, "")
        number = 0
        for item in element:
            if item.tag not in {"list-item", "list-header"}:
                continue
            number = whole(item.get("start-value"), number + 1)
            first = True
            for child in item:
                if child.tag == "list":
                    self._list(child, out, depth + 1, style)
                elif child.tag == "p":
                    mark = _mark(form, number) if first and item.tag == "list-item" else " "
                    out.item(self._text(child), depth=depth, mark=mark)
                    self._drawings(child, out)
                    first = False
                else:
                    self.blocks_of_one(child, out)

    def _table(self, element: Element, out: Composer) -> None:
        rows: Rows = []
        spans: dict[tuple[int, int], str] = {}
        for row in _rows(element):
            line: list[str] = []
            for cell in row:
                if cell.tag not in {"table-cell", "covered-table-cell"}:
                    continue
                times = min(whole(cell.get("number-columns-repeated"), 1), MAX_REPEATED)
                for _ in range(times):
                    covered = spans.get((len(rows), len(line)), "") if cell.tag.startswith("covered") else ""
                    text = covered or self.line(cell)
                    _remember(spans, cell, (len(rows), len(line)), text)
                    line.append(text)
            while line and not line[-1]:
                line.pop()
            rows.append(line)
        if sum(map(len, rows)) == 1:
            out.paragraph(next(line[0] for line in rows if line))
        else:
            out.table(rows, name=element.get("name", ""))

    def _object(self, element: Element, out: Composer) -> None:
        """An embedded chart as its table, an embedded formula as it was typed."""
        name = element.get("href", "").removeprefix("./").strip("/")
        root = self._package.xml(f"{name}/content.xml")
        if root is None:
            return
        typed = next(root.iter("annotation"), None) if root.tag.endswith("math") else None
        if typed is not None:
            out.paragraph(f"${(typed.text or '').strip()}$")
        elif root.tag.endswith("math"):
            out.paragraph(" ".join(" ".join(root.itertext()).split()))
        else:
            for body in root.iter("body"):
                self.blocks(body, out)


def _rows(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == "table-row":
            for _ in range(min(whole(child.get("number-rows-repeated"), 1), MAX_REPEATED)):
                yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)


def _remember(spans: dict[tuple[int, int], str], cell: Element, at: tuple[int, int], text: str) -> None:
    across = min(whole(cell.get("number-columns-spanned"), 1), MAX_REPEATED)
    down = min(whole(cell.get("number-rows-spanned"), 1), MAX_REPEATED)
    if text and across * down > 1:
        spans.update({(at[0] + y, at[1] + x): text for y in range(down) for x in range(across)})


def _mark(form: str, number: int) -> str:
    drawn = {"1": str(number), "a": letters(number), "A": letters(number).upper(), "i": roman(number)}
    drawn["I"] = roman(number).upper()
    return f"{drawn[form]}." if form in drawn else "-"
