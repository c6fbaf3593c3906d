"""Spans of a text: kept to a length in tokens, as every splitter ends with, and found again on the page."""

from __future__ import annotations

from collections.abc import Iterable

from basicchat.core.protocols import Count
from basicchat.core.types import Passage, Span


def within(limit: int, text: str, spans: Iterable[Span], *, count: Count) -> list[Span]:
    """The spans in order, each once; those of more than ``limit`` tokens are halved until none is left.

    Spans have no space at their ends, before and after. A single character stays, whatever its tokens.
    """
    fitting: set[Span] = set()
    unsure = sorted(set(spans))
    while unsure:
        sizes = count([text[start:end] for start, end in unsure])
        long = [span for span, tokens in zip(unsure, sizes, strict=True) if tokens > limit and span[1] - span[0] > 1]
        fitting.update(set(unsure).difference(long))
        unsure = [half for span in long for half in _halves(text, span)]
    return sorted(fitting)


def on_page(passage: Passage, start: int, end: int) -> Span:
    """Where ``[start, end)`` of a passage's text stands on its page.

    All of the passage where somebody edited the text, as the page has another one there.
    """
    if len(passage.text) != passage.end - passage.start:
        return passage.start, passage.end
    return passage.start + start, passage.start + end


def _halves(text: str, span: Span) -> tuple[Span, Span]:
    """The two halves of a span, parted at the space nearest its middle, without spaces at the cut."""
    start, end = span
    middle = (start + end) // 2
    before = next((at for at in range(middle, start, -1) if text[at].isspace()), None)
    if before is not None and before - start >= (end - start) // 4:
        middle = before
    left, right = middle, middle
    while text[left - 1].isspace():
        left -= 1
    while text[right].isspace():
        right += 1
    return (start, left), (right, end)
