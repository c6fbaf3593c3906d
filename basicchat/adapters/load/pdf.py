"""PDF: PDFium reads, text recognition where a page is a picture, pypdf where PDFium cannot."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.adapters.load import pdfium
from basicchat.adapters.load.ocr import Engine, engine_for, page_of
from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.adapters.load.pdf_scan import is_broken, is_meaningless, is_scan, picture_of
from basicchat.adapters.load.pdf_second import read_with_pypdf
from basicchat.adapters.load.pdf_tables import tables_of
from basicchat.adapters.load.pdf_text import normalise
from basicchat.core.errors import DependencyMissing, PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Heading, Json, LoadedDocument, Page, Progress, Table

if TYPE_CHECKING:
    from PIL.Image import Image

MEDIA_TYPE = "application/pdf"
MAX_OUTLINE = 5_000
MAX_OUTLINE_DEPTH = 6
TELL_EVERY = 20
"""Pages between two reports of plain reading, which takes milliseconds a page."""

_JUNK_TITLE = re.compile(
    r"^(untitled|microsoft |powerpoint |slide 1$|document\d*$|\(?anonymous)|\.\w{2,4}$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{3}")
_DAY = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})")


@dataclass
class _Reading:
    """What is known of a file while it is read; numbers of pages, from 1, in order."""

    title: str = ""
    pages: list[Page] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)
    missing: DependencyMissing | None = None


class PdfLoader:
    """Reads PDF page by page, with headings from its outline. A page without text is recognised (OCR)."""

    media_types = frozenset({MEDIA_TYPE})

    def __init__(self, options: LoadOptions = DEFAULT_OPTIONS) -> None:
        self._options = options

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Pages that are pictures are recognised; those without text are named in a warning.

        Raises `PasswordRequired`, `UnreadableDocument` for a damaged file and one without any text, and
        `DependencyMissing` where all pages are pictures and nothing is installed to recognise text.
        """
        reading = _read(path, password, tell)
        if reading.scans or reading.broken:
            self._recognise(path, password, reading, tell)
        if not any(page.text for page in reading.pages):
            raise _no_text(reading)
        title = good_title(reading.title, name or path.name)
        tables = tuple(replace(table, name=f"{title}, {table.name}") for table in reading.tables)
        yield LoadedDocument(
            title, tuple(reading.pages), MEDIA_TYPE, metadata=reading.facts, warnings=_warnings(reading), tables=tables
        )

    def _recognise(self, path: Path, password: str, reading: _Reading, tell: Tell) -> None:
        """Put what is recognised on the pages that need it in place of their text, where it is more."""
        try:
            engine = engine_for(self._options)
        except DependencyMissing as missing:
            reading.missing = missing
            return
        wanted = sorted({*reading.scans, *reading.broken})
        sure: dict[str, Json] = {}
        with pdfium.open_pdf(path, password) as document:
            for done, number in enumerate(wanted):
                tell(Progress("recognising", done, len(wanted), "pages"))
                page = reading.pages[number - 1]
                found, confidence = _recognised(document, engine, number)
                if _letters(found) > _letters(page) or (number in reading.broken and found.text):
                    reading.pages[number - 1] = replace(found, headings=tuple(_at_start(page.headings)))
                    sure[str(number)] = round(confidence, 1)
                    reading.broken = [one for one in reading.broken if one != number]
        reading.facts |= {"recognised": sure} if sure else {}
        tell(Progress("recognising", len(wanted), len(wanted), "pages"))


def good_title(title: str, name: str) -> str:
    """The title a file gives itself if it reads like one, else the file's name without its ending."""
    words = " ".join(title.replace("\0", "").split())
    if _WORD.search(words) and not _JUNK_TITLE.search(words):
        return words
    return Path(name).stem


def _read(path: Path, password: str, tell: Tell) -> _Reading:
    """All pages with the text they bring; from the second reader where the first gives nothing."""
    try:
        reading = _read_with_pdfium(path, password, tell)
    except PasswordRequired:
        raise
    except UnreadableDocument:
        title, pages = read_with_pypdf(path, password=password)
        return _Reading(title, pages)
    wanted = reading.damaged
    if not any(page.text for page in reading.pages) and not reading.scans:
        wanted = [page.number for page in reading.pages]
    if wanted:
        _second_opinion(path, password, reading, wanted)
    return reading


def _read_with_pdfium(path: Path, password: str, tell: Tell) -> _Reading:
    reading = _Reading()
    with pdfium.open_pdf(path, password) as document:
        with pdfium.LOCK:
            told = document.get_metadata_dict()
            reading.title, reading.facts = str(told.get("Title", "")), _days(told)
            count = len(document)
            outline = _outline(document)
        if count > pdfium.MAX_PAGES:
            raise pdfium.too_many_pages()
        for index in range(count):
            if index % TELL_EVERY == 0:
                tell(Progress("reading", index, count, "pages"))
            try:
                with pdfium.LOCK, pdfium.open_page(document, index) as (sheet, textpage):
                    page = _page(sheet, textpage, index + 1, outline.get(index, ()), reading)
            except UnreadableDocument:
                reading.damaged.append(index + 1)
                page = Page(index + 1, "")
            reading.pages.append(page)
    if len(reading.damaged) == count:
        raise UnreadableDocument("The PDF is damaged.")
    return reading


def _days(told: Mapping[str, object]) -> dict[str, Json]:
    """When the file says it was made and last changed, as days in ISO 8601, as far as they are days."""
    found: dict[str, Json] = {}
    for name, key in (("created", "CreationDate"), ("modified", "ModDate")):
        if written := _DAY.match(str(told.get(key, ""))):
            with suppress(ValueError):
                found[name] = date(*map(int, written.groups())).isoformat()
    return found


def _page(sheet: Any, textpage: Any, number: int, entries: Sequence[tuple[int, str]], reading: _Reading) -> Page:
    raw = textpage.get_text_range()
    text = normalise(raw).text
    if is_scan(sheet, text):
        reading.scans.append(number)
    elif is_broken(raw, textpage):
        reading.broken.append(number)
        text = "" if is_meaningless(text) else text
    else:
        reading.tables += tables_of(textpage, raw, page=number)
    return Page(number, text, _headings(text, entries))


def _outline(document: Any) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Entries of the outline, (level from 1, title), by the index of their page."""
    entries = defaultdict(list)
    for mark in islice(document.get_toc(max_depth=MAX_OUTLINE_DEPTH), MAX_OUTLINE):
        target, title = mark.get_dest(), " ".join(mark.get_title().split())
        index = target.get_index() if target else None
        if title and index is not None:
            entries[index].append((mark.level + 1, title))
    return entries


def _headings(text: str, entries: Sequence[tuple[int, str]]) -> tuple[Heading, ...]:
    """Outline entries at the place on their page where their words stand, in order; at its start if nowhere."""
    found, position = [], 0
    for level, title in entries:
        match = re.compile(r"\s+".join(map(re.escape, title.split())), re.IGNORECASE).search(text, position)
        position = match.start() if match else position
        found.append(Heading(level, title, position))
    return tuple(found)


def _at_start(headings: Sequence[Heading]) -> Iterator[Heading]:
    return (replace(heading, start=0) for heading in headings)


def _recognised(document: Any, engine: Engine, number: int) -> tuple[Page, float]:
    """What is recognised on a page, and how surely; an empty one where it cannot be drawn or takes too long."""
    try:
        picture = _picture(document, number, engine.dpi)
        with picture:
            reading = engine.read(picture)
            return page_of(reading, picture, number=number), reading.confidence
    except UnreadableDocument:
        return Page(number, ""), 0.0


def _picture(document: Any, number: int, dpi: int) -> Image:
    with pdfium.LOCK, pdfium.open_page(document, number - 1) as (sheet, _):
        return picture_of(sheet, dpi=dpi)


def _letters(page: Page) -> int:
    return sum(map(len, page.text.split()))


def _second_opinion(path: Path, password: str, reading: _Reading, numbers: Sequence[int]) -> None:
    """Ask pypdf for pages that PDFium gives no text of; what it cannot read either stays as it is."""
    try:
        _, pages = read_with_pypdf(path, password=password, only=numbers)
    except UnreadableDocument:
        return
    for page in pages:
        if page.text and not is_meaningless(page.text):
            reading.pages[page.number - 1] = replace(page, headings=reading.pages[page.number - 1].headings)
            reading.damaged = [number for number in reading.damaged if number != page.number]


def _no_text(reading: _Reading) -> UnreadableDocument | DependencyMissing:
    if reading.missing is not None:
        pages = "pages are pictures" if reading.scans else "text means nothing"
        return DependencyMissing(f"The PDF's {pages}. Text recognition (OCR)", hint=reading.missing.hint)
    hint = "If its pages show text, make a clearer scan." if reading.scans else "Its pages are empty."
    return UnreadableDocument("The PDF holds no text.", hint=hint)


def _warnings(reading: _Reading) -> tuple[str, ...]:
    """What somebody should know of pages that were not read, or not read well."""
    said = []
    empty = [page.number for page in reading.pages if not page.text and page.number not in reading.damaged]
    pictures = [number for number in empty if reading.missing and number in {*reading.scans, *reading.broken}]
    if pictures and reading.missing:
        said.append(f"No text on {_numbers(pictures)}, where a picture is. {reading.missing} {reading.missing.hint}")
    if plain := [number for number in empty if number not in pictures]:
        said.append(f"No text on {_numbers(plain)}.")
    if doubtful := [number for number in reading.broken if number not in empty]:
        said.append(f"The text on {_numbers(doubtful)} may be wrong: the file does not say which letters it shows.")
    if reading.damaged:
        said.append(f"Damaged and not read: {_numbers(reading.damaged)}.")
    return tuple(said)


def _numbers(numbers: Sequence[int]) -> str:
    """``page 3``, or ``pages 1-4, 7`` with runs drawn together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)
    return f"page {words}" if len(numbers) == 1 else f"pages {words}"
