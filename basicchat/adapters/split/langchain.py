"""LangChain's recursive splitter as a splitter of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from basicchat.core.protocols import Count
from basicchat.core.spans import within
from basicchat.core.types import ChunkSize, Span


class RecursiveSplitter:
    """Cuts at blank lines, where that leaves too much at line ends, then at spaces, then anywhere."""

    def split(self, text: str, *, headings: Sequence[int] = (), size: ChunkSize, count: Count) -> list[Span]:
        """Spans of at most about ``size.target`` tokens. LangChain knows no headings, so they are not looked at."""
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        @cache
        def tokens(piece: str) -> int:
            return count([piece])[0]

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=size.target,
            chunk_overlap=min(size.overlap, size.target // 2),
            length_function=tokens,
        )
        return within(size.limit, text, _places(text, splitter.split_text(text)), count=count)


def _places(text: str, chunks: Iterable[str]) -> Iterator[Span]:
    """Where the chunks of a text lie, each as far on as it can without leaving a gap to those before it.

    LangChain's own ``add_start_index`` subtracts the overlap, in tokens here, from an offset in characters, and so
    finds a later place of the same words, or none. Every chunk does begin at or before the first word that those
    before it left; the last place up to there is at or past the true one, so that no word is lost.
    """
    covered = 0
    for chunk in filter(None, map(str.strip, chunks)):
        bound = _word_start(text, covered)
        start = text.rindex(chunk, 0, bound + len(chunk))
        covered = max(covered, start + len(chunk))
        yield start, start + len(chunk)


def _word_start(text: str, start: int) -> int:
    """The offset of the first character from ``start`` on that is not a space."""
    return next((at for at in range(start, len(text)) if not text[at].isspace()), len(text))
