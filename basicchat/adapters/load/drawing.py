"""Text of slides (DrawingML): paragraphs with their bullets, tables with their merged cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from basicchat.adapters.load.compose import Composer, Rows
from basicchat.adapters.load.formula import latex_of
from basicchat.adapters.load.numbering import whole

MAX_SPAN = 1000
"""Columns or rows of a table; a damaged file may claim more."""

_ON = frozenset({"1", "true"})


def chosen(element: Element) -> Element:
    """What is shown of alternatives: the first that holds anything."""
    return next((child for child in element if child.tag in {"Choice", "Fallback"} and len(child)), Element("none"))


def paragraph_text(element: Element) -> str:
    """The words of a paragraph, its own line breaks kept."""
    return "".join(_inline(element)).strip()


def _inline(element: Element) -> Iterator[str]:
    for child in element:
        if child.tag == "t":
            yield child.text or ""
        elif child.tag == "br":
            yield "\n"
        elif child.tag == "m-oMath":
            yield f" ${latex_of(child)}$ "
        elif child.tag == "AlternateContent":
            yield from _inline(chosen(child))
        elif child.tag not in {"pPr", "rPr", "endParaRPr"}:
            yield from _inline(child)


def body_text(body: Element) -> str:
    """The words of a body on lines of their own."""
    return "\n".join(text for text in map(paragraph_text, body.findall("p")) if text)


def write_body(body: Element, out: Composer, *, bullets: bool) -> None:
    """Paragraphs and items. ``bullets`` says whether paragraphs have one where they do not say so themselves."""
    counts: Counter[int] = Counter()
    for paragraph in body.findall("p"):
        text, properties = paragraph_text(paragraph), paragraph.find("pPr")
        if not text:
            continue
        depth = 0 if properties is None else whole(properties.get("lvl"))
        own = {child.tag for child in properties} if properties is not None else set()
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if "buAutoNum" in own:
            counts[depth] += 1
            out.item(text, depth=depth, mark=f"{counts[depth]}.")
        elif own & {"buChar", "buBlip"} or (bullets and "buNone" not in own):
            counts[depth] = 0
            out.item(text, depth=depth)
        else:
            out.paragraph(text)


def table_rows(table: Element) -> Rows:
    """Cells as text, merged ones filled."""
    rows: Rows = []
    for row in table.findall("tr"):
        line: list[str] = []
        for cell in row.findall("tc"):
            if cell.get("hMerge") in _ON and line:
                line.append(line[-1])
            elif cell.get("vMerge") in _ON and rows and len(line) < len(rows[-1]):
                line.append(rows[-1][len(line)])
            else:
                body = cell.find("txBody")
                line.append("" if body is None else " ".join(body_text(body).split()))
        rows.append(line[:MAX_SPAN])
    return rows
