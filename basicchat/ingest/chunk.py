"""Cutting pages into passages at natural borders.

What is promised, for any pages and any tokenizer: a chunk lies within one page and its text is exactly that slice of
the page; every character that is not a space is in at least one chunk; no chunk has more tokens than the limit
(unless a single character has); the same input always gives the same chunks.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from basicchat.core.types import Chunk, Heading, Page
from basicchat.ingest.identity import chunk_id
from basicchat.ingest.tokens import TokenCounter

PIECE_LENGTH = 40
"""Characters after which a word without end is cut: tokenizers see one unknown token in a very long word."""
GAP_PER_TOKEN = 64
"""Spaces that weigh as much as a token, so that a passage never holds a screen of nothing."""
TAIL = 1.15
"""A rest up to this much over the target stays in one passage, rather than leave a scrap behind."""

# The strength of a border: before a heading, between paragraphs, sentences, lines, words, within a word.
_HEADING, _PARAGRAPH, _SENTENCE, _LINE, _SPACE, _NONE = 5, 4, 3, 2, 1, 0
_FILL_WEIGHT = 2.0
"""What a full passage is worth against a strong border: a paragraph's end at half is worth a sentence's at the end."""

_PIECE = re.compile(rf"[^\s。！？]{{1,{PIECE_LENGTH}}}[。！？]*|[。！？]+")  # noqa: RUF001 - full stops of Chinese and Japanese
_SENTENCE_END = re.compile(r"[.!?。！？][\"')\]”’»]*$")  # noqa: RUF001 - as above

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """How long passages are, in tokens: what to aim at, what neighbours share, what is never exceeded."""

    target: int
    overlap: int
    limit: int

    def __post_init__(self) -> None:
        if not 0 < self.target <= self.limit or self.overlap < 0:
            raise ValueError(f"{self} does not make sense")


def cut(document: str, pages: Sequence[Page], *, size: ChunkSize, count: TokenCounter) -> list[Chunk]:
    """The chunks of a document, in order, numbered from 0, each with the headings that stand above it."""
    spans = _fit([_spans(page, size, count) for page in pages], pages, size.limit, count)
    chunks: list[Chunk] = []
    path: list[Heading] = []
    for page, page_spans in zip(pages, spans, strict=True):
        headings = iter(page.headings)
        following = next(headings, None)
        for start, end in sorted(set(page_spans)):
            while following is not None and following.start <= start:
                path = [*(above for above in path if above.level < following.level), following]
                following = next(headings, None)
            text = page.text[start:end]
            identity = chunk_id(document, page=page.number, start=start, end=end, text=text)
            above = tuple(heading.text for heading in path)
            chunks.append(Chunk(identity, document, len(chunks), page.number, start, end, text, above))
        for heading in (following, *headings) if following is not None else ():
            path = [*(above for above in path if above.level < heading.level), heading]
    return chunks


def _spans(page: Page, size: ChunkSize, count: TokenCounter) -> list[Span]:
    """Where the passages of a page lie, by the tokens of its words."""
    pieces = [match.span() for match in _PIECE.finditer(page.text)]
    if not pieces:
        return []
    tokens = count([page.text[start:end] for start, end in pieces])
    gaps = [0, *(right[0] - left[1] for left, right in pairwise(pieces))]
    weights = [max(1, number) + gap // GAP_PER_TOKEN for number, gap in zip(tokens, gaps, strict=True)]
    total = list(accumulate(weights, initial=0))
    borders = _borders(page, pieces)
    return [(pieces[first][0], pieces[last - 1][1]) for first, last in _runs(total, borders, size)]


def _borders(page: Page, pieces: Sequence[Span]) -> list[int]:
    """The strength of the border after each piece."""
    starts = {heading.start for heading in page.headings}
    strengths = []
    for (start, end), (following, _) in pairwise(pieces):
        gap = page.text[end:following]
        lines = gap.count("\n")
        if following in starts:
            strengths.append(_HEADING)
        elif lines > 1:
            strengths.append(_PARAGRAPH)
        elif _SENTENCE_END.search(page.text, max(start, end - 4), end) and (gap or page.text[end - 1] > "\u3000"):
            strengths.append(_SENTENCE)
        else:
            strengths.append(_LINE if lines else _SPACE if gap else _NONE)
    return [*strengths, _HEADING]


def _runs(total: Sequence[int], borders: Sequence[int], size: ChunkSize) -> Iterator[Span]:
    """Runs of pieces, ``[first, last)``, that cover all of them. ``total`` holds the tokens before each piece."""
    first = covered = 0
    count = len(borders)
    while covered < count:
        last = _end(total, borders, first, covered, size)
        yield first, last
        covered = last
        first = _overlap_start(total, borders, first, covered, size)


def _end(total: Sequence[int], borders: Sequence[int], first: int, covered: int, size: ChunkSize) -> int:
    """Where the passage that starts at ``first`` ends: past ``covered``, at the best border of its second half."""
    count = len(borders)
    if total[count] - total[first] <= min(size.limit, size.target * TAIL):
        return count
    furthest = bisect_right(total, total[first] + size.target) - 1
    if furthest <= covered:
        return covered + 1
    half = bisect_left(total, total[first] + size.target / 2)

    def worth(last: int) -> tuple[float, int]:
        return borders[last - 1] + _FILL_WEIGHT * (total[last] - total[first]) / size.target, last

    return max(range(max(half, covered + 1), furthest + 1), key=worth, default=furthest)


def _overlap_start(total: Sequence[int], borders: Sequence[int], first: int, covered: int, size: ChunkSize) -> int:
    """Where the next passage starts: a little before ``covered``, at the strongest border there, the earliest of them.

    No overlap across a heading, and none where it would leave less than half of the passage for new text.
    """
    overlap = min(size.overlap, size.target // 2)
    if covered >= len(borders) or borders[covered - 1] == _HEADING or not overlap:
        return covered
    earliest = max(bisect_left(total, total[covered] - overlap), first + 1)
    for start in range(covered - 1, earliest - 1, -1):
        if borders[start - 1] == _HEADING:
            earliest = start
            break
    best = max(range(earliest, covered), key=lambda start: (borders[start - 1], -start), default=covered)
    return best if total[min(covered + 1, len(borders))] - total[best] <= size.limit else covered


def _fit(spans: list[list[Span]], pages: Sequence[Page], limit: int, count: TokenCounter) -> list[list[Span]]:
    """Halve every span that has more than ``limit`` tokens as a whole, until none has."""
    unsure = [(index, span) for index, page_spans in enumerate(spans) for span in page_spans]
    split: dict[tuple[int, Span], tuple[Span, Span]] = {}
    while unsure:
        sizes = count.whole([pages[index].text[start:end] for index, (start, end) in unsure])
        long = [key for key, tokens in zip(unsure, sizes, strict=True) if tokens > limit and key[1][1] - key[1][0] > 1]
        split.update({key: _halves(pages[key[0]].text, key[1]) for key in long})
        unsure = [(key[0], half) for key in long for half in split[key] if half[0] < half[1]]
    if not split:
        return spans
    return [[part for span in of_page for part in _parts(index, span, split)] for index, of_page in enumerate(spans)]


def _parts(index: int, span: Span, split: dict[tuple[int, Span], tuple[Span, Span]]) -> Iterator[Span]:
    halves = split.get((index, span))
    if halves is None:
        yield span
        return
    for half in halves:
        if half[0] < half[1]:
            yield from _parts(index, half, split)


def _halves(text: str, span: Span) -> tuple[Span, Span]:
    """The two halves of a span, parted at the space nearest its middle, without spaces at the cut."""
    start, end = span
    middle = (start + end) // 2
    before = next((at for at in range(middle, start, -1) if text[at].isspace()), None)
    if before is not None and before - start >= (end - start) // 4:
        middle = before
    left, right = middle, middle
    while left > start and text[left - 1].isspace():
        left -= 1
    while right < end and text[right].isspace():
        right += 1
    return (start, left), (right, end)
