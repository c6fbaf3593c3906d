"""What narrows a search down to some documents, and to some of their pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from basicchat.core.documents import Document

PageRange = tuple[int, int]
"""The first and the last page that are meant."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Passages that fit all of what is given; of several files, kinds or page ranges, one has to fit, of tags all.

    ``files`` are names, paths or the ends of paths, in which ``*`` stands for any characters and ``?`` for one; case
    of Latin letters does not matter. ``kinds`` are media types. ``since`` and ``until`` are days as ISO 8601 writes
    them, both included, on which a document was taken in, by the clock of this machine; empty for any.
    """

    files: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    tags: tuple[str, ...] = ()
    pages: tuple[PageRange, ...] = ()

    @property
    def of_documents(self) -> bool:
        """Whether it asks anything of documents, and not of pages alone."""
        return bool(self.files or self.kinds or self.since or self.until or self.tags)

    def __bool__(self) -> bool:
        return self.of_documents or bool(self.pages)


EVERYTHING: Final = Filter()
"""Fits all there is."""


def start_of(day: str) -> float:
    """Midnight at which a day begins here, in seconds since the epoch. Raises `ValueError` for no ISO 8601 day."""
    return _midnight(date.fromisoformat(day))


def end_of(day: str) -> float:
    """Midnight at which a day ends here, in seconds since the epoch. Raises `ValueError` for no ISO 8601 day."""
    return _midnight(date.fromisoformat(day) + timedelta(days=1))


def _midnight(day: date) -> float:
    return datetime.combine(day, time()).timestamp()


def fits(document: Document, sources: Iterable[str], wanted: Filter) -> bool:
    """Whether a document with these sources fits, as a store would say; pages are not looked at."""
    return (
        (not wanted.kinds or document.media_type in wanted.kinds)
        and (not wanted.since or document.added_at >= start_of(wanted.since))
        and (not wanted.until or document.added_at < end_of(wanted.until))
        and set(wanted.tags) <= set(document.tags)
        and (not wanted.files or any(_named(source, file) for source in sources for file in wanted.files))
    )


def on_pages(page: int, ranges: Iterable[PageRange]) -> bool:
    """Whether a page lies in one of the ranges, of which there is at least one."""
    return any(first <= page <= last for first, last in ranges)


def _named(source: str, pattern: str) -> bool:
    letters = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in forward(pattern))
    ends = rf"(?:.*/)?{''.join(letters)}"
    return re.fullmatch(ends, forward(source), re.IGNORECASE | re.ASCII | re.DOTALL) is not None


def forward(path: str) -> str:
    """A path with the slashes that every system but Windows has."""
    return path.replace("\\", "/")
