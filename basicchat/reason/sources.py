"""Facts about the documents that an answer cites: what they are, of when, and which others say the same. No marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise

from basicchat.core.grounding import CheckedSentence, SourceFacts
from basicchat.core.types import Citation, Document
from basicchat.ingest import formats
from basicchat.reason.claims import without_numbers
from basicchat.reason.figures import missing_figures
from basicchat.reason.support import Grounds, content
from basicchat.reason.verify import best_match

COPIED = 0.8  # share of a sentence's neighbouring words from which on another one is a copy of it, no second witness

KINDS = {
    formats.PDF: "PDF",
    **dict.fromkeys((formats.DOCX, formats.DOC, formats.ODT, formats.RTF, formats.TEX), "text document"),
    **dict.fromkeys((formats.PPTX, formats.PPT, formats.ODP), "slides"),
    **dict.fromkeys((formats.XLSX, formats.XLS, formats.ODS, formats.CSV), "spreadsheet"),
    **dict.fromkeys((formats.HTML, formats.MHTML), "web page"),
    **dict.fromkeys((formats.MARKDOWN, formats.RST, formats.ASCIIDOC, formats.TEXT), "note"),
    **dict.fromkeys((formats.MAIL, formats.OUTLOOK, formats.MBOX), "mail"),
    **dict.fromkeys((formats.JSON, formats.RECORDS, formats.XML), "records"),
    **dict.fromkeys((formats.PNG, formats.JPEG, formats.TIFF, formats.WEBP, formats.GIF, formats.BMP), "scan"),
    **dict.fromkeys((formats.WAV, formats.MP3, formats.M4A, formats.FLAC, formats.OGG), "recording"),
    formats.EPUB: "book",
    formats.SUBTITLES: "subtitles",
    formats.NOTEBOOK: "notebook",
    formats.SOURCE: "code",
}


def source_facts(
    text: str, sentences: Sequence[CheckedSentence], citations: Sequence[Citation], grounds: Grounds
) -> tuple[SourceFacts, ...]:
    """Facts about each document that is cited, in the order of first citation."""
    documents = {passage.document.id: passage.document for passage in grounds.passages}
    cited = dict.fromkeys(citation.document_id for citation in citations)
    agreeing = {document_id: set[str]() for document_id in cited}
    for sentence in sentences:
        if sentence.verdict != "unsupported":
            holders = _holders(without_numbers(text[sentence.start : sentence.end]), grounds)
            for document_id in holders:
                if document_id in agreeing:
                    agreeing[document_id] |= holders - {document_id}
    pages = {document_id: {each.page for each in citations if each.document_id == document_id} for document_id in cited}
    return tuple(
        facts_of(documents[document_id], pages=pages[document_id], agreeing=len(agreeing[document_id]))
        for document_id in cited
        if document_id in documents
    )


def facts_of(document: Document, *, pages: set[int], agreeing: int = 0) -> SourceFacts:
    """What is known of a document. ``pages`` are those that are cited."""
    recognised = _recognised(document, pages)
    kind = KINDS.get(document.media_type, "file")
    dated, dated_by = _date_of(document)
    return SourceFacts(
        document_id=document.id,
        source=document.source,
        kind="scan" if recognised is not None else kind,
        added_at=document.added_at,
        dated=dated,
        dated_by=dated_by,
        recognised=recognised,
        agreeing=agreeing,
    )


def _recognised(document: Document, pages: set[int]) -> float | None:
    """The lowest confidence with which text of one of these pages was recognised, in per cent."""
    told = document.metadata.get("recognised")
    if not isinstance(told, dict):
        return None
    sure = [value for page in pages if isinstance(value := told.get(str(page)), int | float)]
    return min(map(float, sure), default=None)


def _date_of(document: Document) -> tuple[str, str]:
    """The date that a document gives itself, as it is written in ISO 8601, and by what."""
    for name, by in (("date", "document"), ("modified", "modified"), ("created", "created")):
        told = document.metadata.get(name)
        if isinstance(told, str) and (day := _day(told)):
            return day, by
    return "", ""


def _day(told: str) -> str:
    """``2023-05-07`` of a date in ISO 8601 or of mail; a year or a month alone stays what it is."""
    words = told.strip()
    try:
        return datetime.fromisoformat(words).date().isoformat()
    except ValueError:
        pass
    try:
        return date.fromisoformat(f"{words}-01"[:10] if len(words) == 7 else f"{words}-01-01").isoformat()[: len(words)]
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(words).date().isoformat()
    except ValueError:
        return ""


def _holders(claim: str, grounds: Grounds) -> set[str]:
    """The documents whose passages say what a sentence says, but those that only copy one of the others."""
    found: dict[str, str] = {}
    for passage in grounds.passages:
        if passage.document.id in found or missing_figures(claim, passage.text, besides=grounds.question):
            continue
        match = best_match(claim, (passage.number,), grounds)
        sure = match is not None and match.probability >= match.likely and grounds.holds_words(claim, (passage.number,))
        if match is not None and sure and not any(_copied(match.text, other) for other in found.values()):
            found[passage.document.id] = match.text
    return set(found)


def _copied(one: str, other: str) -> bool:
    ours, theirs = set(pairwise(content(one))), set(pairwise(content(other)))
    return len(ours & theirs) >= COPIED * min(len(ours), len(theirs)) if ours and theirs else one == other
