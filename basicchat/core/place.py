"""What to call a place in a document where a page number would say too little."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from basicchat.core.types import Page

_CELLS = re.compile(r"([A-Z]{1,3}[0-9]+)(?::([A-Z]{1,3}[0-9]+))?")
_COUNTED = re.compile(r"(row|line|cell)s? ([0-9]+)(?:-([0-9]+))?")


def where(place: str, page: int) -> str:
    """What to call a place in front of people: its own name, else its page."""
    return place or f"page {page}"


def place_of(page: Page, start: int, end: int) -> str:
    """The place of ``[start, end)``: the page's label, the stretch between its anchors, both, or nothing.

    ``Slide 4``; ``Sheet Costs, A2:F9``; ``1:30-2:10``, which says all where the label is a time too.
    """
    stretch = _stretch(page, start, end)
    label = "" if stretch and _is_time(page.label) else page.label
    return ", ".join(part for part in (label, stretch) if part)


def _stretch(page: Page, start: int, end: int) -> str:
    anchors = page.anchors
    first = max(bisect_right(anchors, start, key=lambda anchor: anchor.start) - 1, 0)
    last = bisect_left(anchors, end, key=lambda anchor: anchor.start)
    names = [anchor.name for anchor in anchors[first:last]]
    return _joined(names[0], names[-1]) if names else ""


def _joined(first: str, last: str) -> str:
    """From one name to the other: cells, rows and lines become one range, other names keep both ends."""
    if first == last:
        return first
    begins, ends = _CELLS.fullmatch(first), _CELLS.fullmatch(last)
    if begins and ends:
        return f"{begins.group(1)}:{ends.group(2) or ends.group(1)}"
    begins, ends = _COUNTED.fullmatch(first), _COUNTED.fullmatch(last)
    if begins and ends and begins.group(1) == ends.group(1):
        return f"{begins.group(1)}s {begins.group(2)}-{ends.group(3) or ends.group(2)}"
    return f"{first.split('-')[0]}-{last.split('-')[-1]}" if _is_time(first) and _is_time(last) else f"{first} - {last}"


def _is_time(name: str) -> bool:
    return bool(name) and all(letter.isdigit() or letter in ":.-" for letter in name)
