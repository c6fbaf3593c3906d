"""Filters as people write them, checked against the library: a slip of the pen is told, not silently obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.filters import Filter, PageRange, end_of, start_of
from basicchat.core.protocols import UnitOfWork
from basicchat.core.types import Scope
from basicchat.ingest import formats
from basicchat.retrieve.filter import scope_of

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *(formats.DOCX, formats.DOC, formats.ODT, formats.RTF),
        *(formats.MARKDOWN, formats.TEXT, formats.RST, formats.ASCIIDOC, formats.TEX),
    ),
    "slides": (formats.PPTX, formats.PPT, formats.ODP),
    "sheets": (formats.XLSX, formats.XLS, formats.ODS, formats.CSV),
    "web": (formats.HTML, formats.MHTML),
    "mail": (formats.MAIL, formats.OUTLOOK, formats.MBOX),
    "book": (formats.EPUB,),
    "code": (formats.SOURCE, formats.NOTEBOOK),
    "records": (formats.JSON, formats.RECORDS, formats.XML, "application/x-ndjson"),
    "picture": (formats.PNG, formats.JPEG, formats.TIFF, formats.WEBP, formats.GIF, formats.BMP),
    "recording": (formats.WAV, formats.MP3, formats.M4A, formats.FLAC, formats.OGG, formats.SUBTITLES),
}
"""Words for several formats at once; every ending of a file's name is a kind too."""

_BY_ENDING = {
    ending.removeprefix("."): media_type for media_type, endings in formats.ENDINGS.items() for ending in endings
}
SHOWN = 12
"""Names that an error lists at most."""


def filter_of(
    *,
    files: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: str = "",
    until: str = "",
    tags: Sequence[str] = (),
    pages: Sequence[str] = (),
) -> Filter:
    """A filter from words: kinds such as ``pdf``, ``mail`` or a media type, days as ISO 8601, pages such as ``3-9``.

    Raises `InvalidInput`, saying what can be given instead.
    """
    for name, day in (("from", since), ("to", until)):
        if day:
            _check_day(name, day)
    if since and until and start_of(since) >= end_of(until):
        raise InvalidInput(f"The first day, {since}, is after the last one, {until}.", hint="Change them over.")
    return Filter(
        files=_words(files),
        kinds=tuple(dict.fromkeys(media_type for kind in kinds for media_type in media_types(kind))),
        since=since,
        until=until,
        tags=_words(tags),
        pages=tuple(map(page_range, pages)),
    )


def media_types(kind: str) -> tuple[str, ...]:
    """The media types of a kind: a word of `FAMILIES`, an ending, or a media type. Raises `InvalidInput`."""
    word = kind.strip().casefold().removeprefix(".")
    if word in FAMILIES:
        return FAMILIES[word]
    if word in _BY_ENDING:
        return (_BY_ENDING[word],)
    if word in formats.ENDINGS:
        return (word,)
    every = ", ".join((*FAMILIES, *(formats.suffix_of(each).removeprefix(".") for each in formats.ENDINGS)))
    raise InvalidInput(f"There is no kind {kind}.", hint=f"Kinds are {every}.")


def page_range(text: str) -> PageRange:
    """Pages from words: ``7``, or ``3-9`` with both ends. Raises `InvalidInput`."""
    first, dash, last = text.strip().partition("-")
    try:
        found = (int(first), int(last if dash else first))
    except ValueError:
        found = (0, 0)
    if not 1 <= found[0] <= found[1]:
        raise InvalidInput(f"There are no pages {text}.", hint="Pages are a number, or two as in 3-9, from 1 on.")
    return found


def checked(wanted: Filter, scope: Scope, unit: UnitOfWork) -> Scope:
    """What is left of a scope where only what fits may be found.

    Raises `InvalidInput` for a tag that no document has and a file that there is not, with those that there are, and
    `NotFound` where no passage fits all that is asked.
    """
    known = unit.documents.tags() if wanted.tags else {}
    for tag in wanted.tags:
        if tag not in known:
            raise InvalidInput(f"No document has the tag {tag}.", hint=_instead("Tags", tag, known))
    for file in wanted.files:
        if not unit.documents.fitting(scope.collection, Filter(files=(file,))):
            names = {forward_name(each.source) for each in unit.documents.find(scope.collection, limit=1_000)}
            raise InvalidInput(
                f"No file in the collection {scope.collection} is called {file}.", hint=_instead("Files", file, names)
            )
    found = scope_of(wanted, scope, unit)
    if found.chunk_ids == ():
        raise NotFound("No passage fits all that is asked of it.", hint="Leave out a part of the filter.")
    return found


def forward_name(source: str) -> str:
    """The name of a file without its folders."""
    return source.replace("\\", "/").rpartition("/")[2]


def _instead(what: str, given: str, known: Iterable[str]) -> str:
    """The names most like the given one, else the first there are."""
    names = sorted(known)
    shown = get_close_matches(given, names, SHOWN) or names[:SHOWN]
    more = ", ..." if len(shown) < len(names) else ""
    return f"{what} are {', '.join(shown)}{more}" if names else "There are none yet."


def _check_day(name: str, day: str) -> None:
    try:
        start_of(day)
    except ValueError as error:
        raise InvalidInput(
            f"The day {day} ({name}) is not a day.", hint="Write days as year, month and day: 2026-03-31."
        ) from error


def _words(given: Sequence[str]) -> tuple[str, ...]:
    """What was given without spaces round it, each once. Raises `InvalidInput` for nothing but spaces."""
    words = tuple(dict.fromkeys(each.strip() for each in given))
    if "" in words:
        raise InvalidInput("A file or a tag to look for needs a name.")
    return words
