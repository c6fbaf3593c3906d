"""What stands on a sheet beside its cells: comments, text boxes and charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from basicchat.adapters.load.charts import write_chart
from basicchat.adapters.load.compose import Composer
from basicchat.adapters.load.package import Package


@dataclass(frozen=True)
class Extras:
    """Texts of one sheet, in the order in which they are written after the cells."""

    texts: tuple[str, ...] = ()


def read_extras(package: Package) -> dict[str, Extras]:
    """Extras by the name of the sheet."""
    book = next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
    root = package.xml(book) if book.endswith(".xml") else None
    if root is None:
        return {}
    relations, people = package.relations(book), _people(package, book)
    found = {}
    for sheet in root.iter("sheet"):
        relation = relations.get(sheet.get("r-id", ""))
        if relation is not None and not relation.external and relation.target in package.names:
            texts = (*_texts(package, relation.target), *_comments(package, relation.target, people))
            found[sheet.get("name", "")] = Extras(texts)
    return found


def _texts(package: Package, sheet: str) -> Iterator[str]:
    for drawing in package.related(sheet, "drawing"):
        root = package.xml(drawing)
        for body in root.iter("txBody") if root is not None else ():
            paragraphs = ("".join(text.text or "" for text in each.iter("t")) for each in body.iter("p"))
            if words := "\n".join(line for line in paragraphs if line.strip()):
                yield words
        for chart in package.related(drawing, "chart"):
            out = Composer()
            write_chart(package, chart, out)
            if not out.empty:
                yield out.text()


def _people(package: Package, book: str) -> dict[str, str]:
    roots = (package.xml(name) for name in package.related(book, "person"))
    persons = (person for root in roots if root is not None for person in root.iter("person"))
    return {person.get("id", ""): person.get("displayName", "") for person in persons}


def _comments(package: Package, sheet: str, people: dict[str, str]) -> Iterator[str]:
    """Threads of comments where there are any, else notes; a thread is kept a second time as a note."""
    threads = package.related(sheet, "threadedComment")
    threaded = set()
    for name in threads:
        root = package.xml(name)
        for comment in root.iter("threadedComment") if root is not None else ():
            place, author = comment.get("ref", ""), people.get(comment.get("personId", ""), "")
            threaded.add(place)
            yield from _comment(place, author, comment.findtext("text") or "", comment.get("dT", ""))
    for name in package.related(sheet, "comments"):
        root = package.xml(name)
        if root is None:
            continue
        authors = [author.text or "" for author in root.iter("author")]
        for comment in root.iter("comment"):
            if (place := comment.get("ref", "")) not in threaded:
                at = comment.get("authorId", "")
                author = authors[int(at)] if at.isdecimal() and int(at) < len(authors) else ""
                yield from _comment(place, author, "".join(text.text or "" for text in comment.iter("t")))


def _comment(place: str, author: str, text: str, time: str = "") -> Iterator[str]:
    words = " ".join(text.split())
    if words:
        yield f"Comment on {place}{f' by {author}' if author else ''}{f' ({time})' if time else ''}: {words}"
