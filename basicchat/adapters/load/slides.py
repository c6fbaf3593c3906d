"""Presentations (PPTX): every slide a page, with its notes, comments, tables and charts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from basicchat.adapters.load.charts import write_chart, write_diagram
from basicchat.adapters.load.compose import Composer
from basicchat.adapters.load.drawing import body_text, chosen, table_rows, write_body
from basicchat.adapters.load.package import Package, Relation, open_package
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument, Page, Progress, Table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WHAT = "presentation"

_TITLES = frozenset({"title", "ctrTitle"})
_MARGINS = frozenset({"dt", "sldNum", "ftr", "hdr", "sldImg"})
_OUTLINES = frozenset({"body", "obj", ""})
MAX_NAMED = 20
"""Numbers of empty slides that a warning names."""


class SlideLoader:
    """Reads PPTX. The title of a slide is its heading."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a page a slide. Raises `UnreadableDocument` or `PasswordRequired`."""
        pages: list[Page] = []
        tables: list[Table] = []
        with open_package(path, what=WHAT, password=password) as package:
            parts, people, title = _slides(package), _people(package), package.title()
            days = package.days()
            for number, part in enumerate(parts, start=1):
                tell(Progress("reading", number - 1, len(parts), "slides"))
                out, hidden = _read_slide(package, part, people)
                label = f"Slide {number} (hidden)" if hidden else f"Slide {number}"
                pages.append(out.page(number, label=label))
                tables += out.tables(page=number)
        empty = [str(page.number) for page in pages if not page.text]
        if len(empty) == len(pages):
            raise UnreadableDocument("The presentation holds no text.", hint="If it holds pictures of text, add those.")
        shown = title or (pages[0].headings[0].text if pages[0].headings else "") or Path(name or path.name).stem
        said = tuple(_warnings(empty))
        yield LoadedDocument(shown, tuple(pages), MEDIA_TYPE, metadata=days, tables=tuple(tables), warnings=said)


def _warnings(empty: list[str]) -> Iterator[str]:
    if empty:
        more = "" if len(empty) <= MAX_NAMED else f" and {len(empty) - MAX_NAMED} more"
        one = len(empty) == 1
        yield f"There is no text on slide{'' if one else 's'} {', '.join(empty[:MAX_NAMED])}{more}."


def _slides(package: Package) -> list[str]:
    """Names of the slides in the order in which they are shown."""
    part = _main(package)
    root = package.xml(part)
    if root is None:
        raise UnreadableDocument("The presentation has no list of slides.")
    relations = package.relations(part)
    wanted = (relations.get(slide.get("r-id", "")) for slide in root.iter("sldId"))
    return [relation.target for relation in wanted if relation is not None and relation.target in package.names]


def _main(package: Package) -> str:
    return next(iter(package.related("", "officeDocument")), "ppt/presentation.xml")


def _read_slide(package: Package, part: str, people: dict[str, str]) -> tuple[Composer, bool]:
    root = package.xml(part)
    out = Composer()
    if root is None:
        return out, False
    slide = _Slide(package, package.relations(part), out)
    shapes = [shape for tree in root.iter("spTree") for shape in _shapes(tree)]
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    for shape in titles:
        body = shape.find("txBody")
        out.heading(1, "" if body is None else body_text(body))
    for shape in shapes:
        if shape not in titles:
            slide.write(shape)
    for name in package.related(part, "notesSlide"):
        notes = _notes(package.xml(name))
        out.paragraph(f"Notes: {notes}" if notes else "")
    for name in package.related(part, "comments"):
        for text in _comments(package.xml(name), people):
            out.paragraph(text)
    return out, root.get("show") in {"0", "false"}


def _shapes(tree: Element) -> Iterator[Element]:
    """Shapes in order, those of groups too."""
    for child in tree:
        if child.tag == "grpSp":
            yield from _shapes(child)
        elif child.tag == "AlternateContent":
            yield from _shapes(chosen(child))
        else:
            yield child


def _placeholder(shape: Element) -> str | None:
    """What kind of placeholder a shape is, None for none."""
    found = shape.find("./nvSpPr/nvPr/ph")
    return None if found is None else found.get("type", "")


class _Slide:
    """Writes the shapes of one slide."""

    def __init__(self, package: Package, relations: dict[str, Relation], out: Composer) -> None:
        self._package, self._relations, self._out = package, relations, out

    def write(self, shape: Element) -> None:
        if shape.tag == "graphicFrame":
            self._graphic(shape)
        elif shape.tag == "pic":
            named = shape.find("./nvPicPr/cNvPr")
            words = "" if named is None else " ".join(named.get("descr", "").split())
            self._out.paragraph(f"[Picture: {words}]" if words else "")
        elif (kind := _placeholder(shape)) not in _MARGINS:
            for body in shape.iter("txBody"):
                write_body(body, self._out, bullets=kind in _OUTLINES)

    def _graphic(self, frame: Element) -> None:
        for element in frame.iter():
            if element.tag == "tbl":
                self._out.table(table_rows(element))
            elif element.tag == "chart" and (part := self._part(element.get("r-id"))):
                write_chart(self._package, part, self._out)
            elif element.tag == "relIds" and (part := self._part(element.get("r-dm"))):
                write_diagram(self._package, part, self._out)

    def _part(self, identity: str | None) -> str:
        relation = self._relations.get(identity or "")
        return relation.target if relation is not None and relation.target in self._package.names else ""


def _notes(root: Element | None) -> str:
    if root is None:
        return ""
    bodies = (shape.find("txBody") for shape in root.iter("sp") if _placeholder(shape) not in _MARGINS)
    return "\n".join(body_text(body) for body in bodies if body is not None).strip()


def _people(package: Package) -> dict[str, str]:
    """Names of those who comment, by their id; the older and the newer kind of comments have lists of their own."""
    part = _main(package)
    roots = [package.xml(name) for kind in ("commentAuthors", "authors") for name in package.related(part, kind)]
    authors = [each for root in roots if root is not None for tag in ("cmAuthor", "author") for each in root.iter(tag)]
    return {author.get("id", ""): author.get("name", "") for author in authors}


def _comments(root: Element | None, people: dict[str, str]) -> Iterator[str]:
    for comment in root.iter() if root is not None else ():
        if comment.tag in {"cm", "reply"}:
            body = comment.find("txBody")
            words = " ".join((comment.findtext("text") or "" if body is None else body_text(body)).split())
            author, time = people.get(comment.get("authorId", ""), ""), comment.get("dt") or comment.get("created", "")
            if words:
                yield f"Comment{f' by {author}' if author else ''}{f' ({time})' if time else ''}: {words}"
