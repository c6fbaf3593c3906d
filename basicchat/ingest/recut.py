"""Cutting a changed document so that what did not change stays cut as it was, and is not embedded again.

Lines that the older version has too keep the passages that lie wholly within them. Only between those is cut again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from basicchat.core.protocols import Count, Splitter
from basicchat.core.types import Chunk, ChunkSize, Page, Span
from basicchat.ingest.chunk import assembled, spans_of

MOST_LINES = 50_000
"""Lines between the first and the last change that are compared one by one; of more, none is taken for the same."""
SCRAP = 4
"""What was put in between and is shorter than this part of a passage is cut together with the passage before it."""


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was: its pages and how they were cut."""

    pages: Sequence[Page]
    chunks: Sequence[Chunk]


def recut(
    document: str, pages: Sequence[Page], before: Version, *, size: ChunkSize, count: Count, splitter: Splitter
) -> list[Chunk]:
    """The chunks of ``pages``, cut like ``before`` wherever both have the same lines.

    What `basicchat.ingest.chunk.cut` promises of chunks holds for these, but for the borders that they start from.
    """
    kept = _kept(pages, before)
    fitting = _fitting(pages, kept, size, count)
    cuts = (
        (page, _spans(page, fitting[place], kept.edges.get(place, []), size, count, splitter))
        for place, page in enumerate(pages)
    )
    return list(assembled(document, cuts))


@dataclass(frozen=True, slots=True)
class _Kept:
    """By the place of a page among the new ones: spans that stay, and borders of passages that do not."""

    spans: Mapping[int, list[Span]]
    edges: Mapping[int, list[int]]


class _Lines:
    """The lines of some pages, one after the other."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.texts: list[str] = []
        self.page: list[int] = []
        self.start: list[int] = []
        self.first: list[int] = []
        for place, page in enumerate(pages):
            self.first.append(len(self.texts))
            start = 0
            for line in page.text.split("\n"):
                self.texts.append(line)
                self.page.append(place)
                self.start.append(start)
                start += len(line) + 1
        self.first.append(len(self.texts))

    def at(self, place: int, offset: int) -> int:
        """The line of page ``place`` in which ``offset`` lies."""
        return bisect_right(self.start, offset, self.first[place], self.first[place + 1]) - 1


def _kept(pages: Sequence[Page], before: Version) -> _Kept:
    old, new = _Lines(before.pages), _Lines(pages)
    same = _same_lines(old.texts, new.texts)
    places = {page.number: place for place, page in enumerate(before.pages)}
    spans: dict[int, list[Span]] = defaultdict(list)
    edges: dict[int, list[int]] = defaultdict(list)

    def moved(line: int, offset: int) -> int:
        return new.start[same[line]] + offset - old.start[line]

    for chunk in before.chunks:
        place = places[chunk.page]
        first, last = old.at(place, chunk.start), old.at(place, chunk.end - 1)
        page = new.page[same[first]] if first in same else -1
        if all(same.get(line) == same.get(first, -1) + line - first for line in range(first, last + 1)) and (
            page == new.page[same[last]]
        ):
            spans[page].append((moved(first, chunk.start), moved(last, chunk.end)))
            continue
        for line, offset in ((first, chunk.start), (last, chunk.end)):
            if line in same:
                edges[new.page[same[line]]].append(moved(line, offset))
    return _Kept(spans, edges)


def _same_lines(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Which line of ``new`` each line of ``old`` has become, as far as it stands there still."""
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - head
    tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    same = {line: line for line in range(head)}
    same.update((len(old) - 1 - place, len(new) - 1 - place) for place in range(tail))
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(middle_old), len(middle_new)) <= MOST_LINES:
        matcher = SequenceMatcher(lambda line: not line.strip(), middle_old, middle_new)
        for block in matcher.get_matching_blocks():
            same.update((head + block.a + step, head + block.b + step) for step in range(block.size))
    return same


def _fitting(pages: Sequence[Page], kept: _Kept, size: ChunkSize, count: Count) -> Mapping[int, list[Span]]:
    """The spans that are not too long for the embedder of today."""
    found: dict[int, list[Span]] = defaultdict(list)
    for place, spans in kept.spans.items():
        texts = [pages[place].text[start:end] for start, end in spans]
        fit = [span for span, tokens in zip(spans, count(texts), strict=True) if tokens <= size.limit]
        found[place] = sorted(set(fit))
    return found


def _spans(
    page: Page, kept: Sequence[Span], edges: Sequence[int], size: ChunkSize, count: Count, splitter: Splitter
) -> list[Span]:
    """The spans of one page: those that are kept, and new ones between them."""
    if not kept:
        return spans_of(page, size, count, splitter)
    stay = list(kept)
    for gap in _gaps(page.text, kept):
        if stay and _widened(gap, kept, edges) == gap and _is_scrap(page.text, gap, size, count):
            del stay[max(bisect_left(stay, (gap[0],)) - 1, 0)]
    spans = list(stay)
    for start, end in _gaps(page.text, stay):
        first, last = _widened((start, end), stay, edges)
        headings = [each.start - first for each in page.headings if first <= each.start < last]
        for begin, stop in splitter.split(page.text[first:last], headings=headings, size=size, count=count):
            span = first + begin, first + stop
            if not any(outer[0] <= span[0] and span[1] <= outer[1] for outer in stay):
                spans.append(span)
    return sorted(spans)


def _gaps(text: str, spans: Sequence[Span]) -> list[Span]:
    """Stretches of text that no span covers."""
    gaps, covered = [], 0
    for start, end in [*spans, (len(text), len(text))]:
        if start > covered and text[covered:start].strip():
            gaps.append((covered, start))
        covered = max(covered, end)
    return gaps


def _is_scrap(text: str, gap: Span, size: ChunkSize, count: Count) -> bool:
    """Whether this is too little for a passage of its own."""
    return count([text[gap[0] : gap[1]].strip()])[0] < size.target // SCRAP


def _widened(gap: Span, kept: Sequence[Span], edges: Sequence[int]) -> Span:
    """The gap with what passages that are gone shared with those that stay, so that neighbours overlap as before."""
    start, end = gap
    before = max((span[0] for span in kept if span[1] <= start), default=-1)
    after = min((span[1] for span in kept if span[0] >= end), default=-1)
    start = min((edge for edge in edges if before < edge <= start), default=start)
    return start, max((edge for edge in edges if end <= edge < after), default=end)
