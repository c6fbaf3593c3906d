"""Values that the contract of stores keeps and finds again: every field of each is set."""

from __future__ import annotations

from basicchat.core.protocols import Store
from basicchat.core.types import (
    Anchor,
    Answer,
    Box,
    Chunk,
    Citation,
    Document,
    Earlier,
    Heading,
    Page,
    Passage,
    Table,
    TextBox,
    Usage,
)


def make_document(number: int = 1, *, collection: str = "default", source: str = "", pages: int = 1) -> Document:
    """A document whose every field depends on ``number``."""
    return Document(
        id=f"doc-{collection}-{number:05d}",
        collection=collection,
        source=source or f"folder/file {number}.pdf",
        title=f"Title {number}",
        media_type="application/pdf",
        digest=f"{number:064x}",
        page_count=pages,
        chunk_count=2 * pages,
        added_at=1_000.0 + number,
        external_id=f"external {number}" if number % 2 else None,
        stored_as=f"ab/{number}.pdf" if number % 3 else None,
        metadata={"author": "Ünal 李", "year": 1999, "tags": ["a", None, 1.5, {"deep": True}]},
        warnings=("Page 3 holds no text.",) if number % 2 else (),
        tags=("draft", "Ünal") if number % 2 else (),
    )


def make_pages(document: Document) -> list[Page]:
    """Pages of a document, two sentences each."""
    return [
        Page(
            number=n,
            text=f"First of {document.id} {n}. Second of {document.id} {n}.",
            headings=(Heading(1, f"Part {n}", 0),),
            label=f"Slide {n}" if n % 2 else "",
            anchors=(Anchor(0, "A1:B2"), Anchor(5, "1:30")) if n % 2 else (),
            boxes=(TextBox(0, 5, Box(0.1, 0.2, 1 / 3, 0.4)),) if n % 2 else (),
        )
        for n in range(1, document.page_count + 1)
    ]


def make_chunks(document: Document) -> list[Chunk]:
    """Two chunks a page, in order."""
    chunks: list[Chunk] = []
    for page in make_pages(document):
        middle = page.text.index(" Second") + 1
        for start, end in ((0, middle), (middle, len(page.text))):
            ordinal = len(chunks)
            chunks.append(
                Chunk(
                    f"{document.id}-c{ordinal}", document.id, ordinal, page.number, start, end,
                    page.text[start:end], (f"Part {page.number}", "Details"), page.label,
                )
            )  # fmt: skip
    return chunks


def make_tables(document: Document) -> list[Table]:
    """Two tables with cells of every kind, one of them without rows."""
    cells = (("a", 1, 1.5), ("Ünal \ud800", None, True), ("", -(2**60), 0.1))
    return [
        Table(f"Costs of {document.id}", ("name", "Größe", ""), cells, page=1, place="A1:C4"),
        Table("Costs", ("name",), ()),
    ]


def add(store: Store, *documents: Document) -> None:
    """Add documents with the pages, chunks and tables above."""
    with store.begin() as unit:
        for document in documents:
            unit.documents.add(document, make_pages(document), make_chunks(document), make_tables(document))


def make_answer() -> Answer:
    """An answer that uses every field."""
    document = make_document(7)
    return Answer(
        text="It is 42 [1].",
        abstained=False,
        mode="direct",
        model="small",
        citations=(Citation(1, document.id, document.source, document.title, 1, 3, 9, "“quote” \u0000 ok"),),
        passages=(Passage(1, document, 1, 0, 20, "First of it.", ("c1", "c2"), 0.5, ("Part 1",)),),
        usage=Usage(prompt_tokens=10, completion_seconds=0.25),
        timings={"retrieve": 0.125},
        warnings=("The window was short.",),
        earlier=Earlier("What is it?", 5.5),
        likelihood=0.75,
    )
