"""Cutting pages into passages, at natural borders unless told otherwise.

What is promised, for any pages and any tokenizer: a chunk lies within one page and its text is exactly that slice of
the page; what `basicchat.core.protocols.Splitter` promises of spans holds for the chunks of each page.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import accumulate, pairwise

from basicchat.core.place import place_of
from basicchat.core.protocols import Count, Splitter, Tell
from basicchat.core.spans import within
from basicchat.core.types import Chunk, ChunkSize, Heading, Page, Progress, Span
from basicchat.ingest.identity import chunk_id

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


class NaturalSplitter:
    """Cuts before headings rather than between paragraphs, those rather than sentences, lines, words."""

    def split(self, text: str, *, headings: Sequence[int] = (), size: ChunkSize, count: Count) -> list[Span]:
        """Spans about ``size.target`` long that end at the best border of their second half."""
        pieces = [match.span() for match in _PIECE.finditer(text)]
        if not pieces:
            return []
        tokens = count([text[start:end] for start, end in pieces])
        gaps = [0, *(right[0] - left[1] for left, right in pairwise(pieces))]
        weights = [max(1, number) + gap // GAP_PER_TOKEN for number, gap in zip(tokens, gaps, strict=True)]
        total = list(accumulate(weights, initial=0))
        runs = _runs(total, _borders(text, pieces, set(headings)), size)
        return within(size.limit, text, [(pieces[first][0], pieces[last - 1][1]) for first, last in runs], count=count)


NATURAL = NaturalSplitter()


class TellingSplitter:
    """Cuts as another splitter does and tells before each page how many are cut."""

    def __init__(self, splitter: Splitter, tell: Tell, *, total: int) -> None:
        self._splitter = splitter
        self._tell = tell
        self._total = total
        self._done = 0

    def split(self, text: str, *, headings: Sequence[int] = (), size: ChunkSize, count: Count) -> list[Span]:
        """What the other one gives. Raises what ``tell`` raises."""
        self._tell(Progress("cutting", min(self._done, self._total), self._total, "pages"))
        self._done += 1
        return self._splitter.split(text, headings=headings, size=size, count=count)


def cut(
    document: str, pages: Sequence[Page], *, size: ChunkSize, count: Count, splitter: Splitter = NATURAL
) -> list[Chunk]:
    """The chunks of a document, in order, numbered from 0, each with the headings that stand above it."""
    return list(assembled(document, ((page, spans_of(page, size, count, splitter)) for page in pages)))


def spans_of(page: Page, size: ChunkSize, count: Count, splitter: Splitter) -> list[Span]:
    """Where the passages of one page lie."""
    return splitter.split(page.text, headings=[each.start for each in page.headings], size=size, count=count)


def assembled(document: str, cuts: Iterable[tuple[Page, Sequence[Span]]]) -> Iterator[Chunk]:
    """Chunks from pages and where each is cut: numbered, with the headings above them and what to call their place."""
    path: list[Heading] = []
    ordinal = 0
    for page, spans in cuts:
        headings = iter(page.headings)
        following = next(headings, None)
        for start, end in spans:
            while following is not None and following.start <= start:
                path = [*(above for above in path if above.level < following.level), following]
                following = next(headings, None)
            text = page.text[start:end]
            yield Chunk(
                id=chunk_id(document, page=page.number, start=start, end=end, text=text),
                document_id=document,
                ordinal=ordinal,
                page=page.number,
                start=start,
                end=end,
                text=text,
                heading=tuple(heading.text for heading in path),
                place=place_of(page, start, end),
            )
            ordinal += 1
        for heading in (following, *headings) if following is not None else ():
            path = [*(above for above in path if above.level < heading.level), heading]


def _borders(text: str, pieces: Sequence[Span], headings: Set[int]) -> list[int]:
    """The strength of the border after each piece."""
    strengths = []
    for (start, end), (following, _) in pairwise(pieces):
        gap = text[end:following]
        lines = gap.count("\n")
        if following in headings:
            strengths.append(_HEADING)
        elif lines > 1:
            strengths.append(_PARAGRAPH)
        elif _SENTENCE_END.search(text, max(start, end - 4), end) and (gap or text[end - 1] > "\u3000"):
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
