"""Long texts cut into pages, so that no page is longer than a store, a browser or a reader can bear."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from basicchat.core.types import Anchor, Heading, Page, Span

PAGE_LIMIT = 40_000
"""Characters of a page: about fifteen printed ones."""

_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")


def pages_of(
    text: str,
    headings: Sequence[Heading] = (),
    *,
    anchors: Sequence[Anchor] = (),
    label: str = "Part",
    limit: int = PAGE_LIMIT,
) -> tuple[Page, ...]:
    """The pages of a text of which nothing but white space at the cuts is lost; none for a text of nothing else.

    Up to ``limit`` characters are one page, number 1, without a label. A longer text is cut before a heading, else
    between paragraphs, lines or words, into pages of at most ``limit``, labelled ``Part 1``, ``Part 2``. Headings and
    ``anchors``, both given in order with offsets in ``text``, come to lie on the page that holds their text; a page
    that begins within an anchor's stretch begins with that anchor.
    """
    if not text or text.isspace():
        return ()
    if len(text) <= limit:
        return (Page(1, text, tuple(headings), anchors=tuple(anchors)),)
    spans = list(_spans(text, [heading.start for heading in headings], limit))
    # What stands in the white space of a cut belongs to the page after it.
    edges = [0, *(end for _, end in spans[:-1]), len(text)]
    return tuple(
        Page(
            number,
            text[start:end],
            tuple(_moved(headings, (first, last), start)),
            label=f"{label} {number}",
            anchors=tuple(_moved_anchors(anchors, (first, last), start)),
        )
        for number, ((start, end), (first, last)) in enumerate(zip(spans, pairwise(edges), strict=True), start=1)
    )


def _spans(text: str, headings: Sequence[int], limit: int) -> Iterator[Span]:
    """What of the text each page holds, white space at its ends left out."""
    start, whole = _past_blank(text, 0), len(text.rstrip())
    while start < whole:
        cut = whole if whole - start <= limit else _cut(text, headings, start, limit)
        end = start + len(text[start:cut].rstrip())
        if end > start:  # else an indentation as long as a page
            yield start, end
        start = _past_blank(text, cut)


def _past_blank(text: str, start: int) -> int:
    """Where the first line that holds anything begins, its indentation kept."""
    match = _BLANK_LINES.match(text, start)
    return match.end() if match else start


def _cut(text: str, headings: Sequence[int], start: int, limit: int) -> int:
    """The last good border in the second half of what may be on the page."""
    half, furthest = start + limit // 2 + 1, start + limit
    before = bisect_right(headings, furthest) - 1
    if before >= 0 and headings[before] >= half and not text[start : headings[before]].isspace():
        return headings[before]
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, half, furthest)) >= 0 and not text[start:found].isspace():
            return found + len(border)
    return furthest


def _moved(headings: Sequence[Heading], span: Span, start: int) -> Iterator[Heading]:
    first, last = (bisect_left(headings, edge, key=_place) for edge in span)
    for heading in headings[first:last]:
        yield replace(heading, start=max(0, heading.start - start))


def _moved_anchors(anchors: Sequence[Anchor], span: Span, start: int) -> Iterator[Anchor]:
    first, last = (bisect_left(anchors, edge, key=_place) for edge in span)
    inside = anchors[first:last]
    if first and (not inside or inside[0].start > start):
        yield Anchor(0, anchors[first - 1].name)
    for anchor in inside:
        yield replace(anchor, start=max(0, anchor.start - start))


def _place(item: Heading | Anchor) -> int:
    return item.start
