"""Chunks become passages: what touches on a page is read as one piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from basicchat.core.place import place_of
from basicchat.core.types import Chunk, Hit, Page, Passage

PageKey = tuple[str, int]
"""A document's id and a page number."""


def merge(
    hits: Sequence[Hit], *, pages: Mapping[PageKey, Page], neighbours: Mapping[str, Sequence[Chunk]] | None = None
) -> list[Passage]:
    """Passages from hits, best first, all numbered 0.

    Chunks of one page that touch or overlap, with nothing but white space between them, become one passage whose
    ``text == page.text[start:end]``. A chunk that somebody edited is a passage of its own, with its text.
    ``neighbours`` are more chunks to take in, by the id of the hit they stand beside. A passage has the score of its
    best hit. Hits whose page is not in ``pages`` are left out.
    """
    best: dict[str, tuple[int, Hit]] = {}
    on_page: dict[PageKey, dict[str, Chunk]] = {}
    for rank, hit in enumerate(hits):
        key = (hit.chunk.document_id, hit.chunk.page)
        if key not in pages:
            continue
        best.setdefault(hit.chunk.id, (rank, hit))
        for chunk in (hit.chunk, *(neighbours or {}).get(hit.chunk.id, ())):
            on_page.setdefault(key, {})[chunk.id] = chunk
    ranked = []
    for key, chunks in on_page.items():
        for run in _runs(chunks.values(), pages[key].text):
            if found := [best[chunk.id] for chunk in run if chunk.id in best]:
                rank, hit = min(found, key=lambda pair: pair[0])
                ranked.append((rank, _passage(run, hit, pages[key])))
    return [passage for _, passage in sorted(ranked, key=lambda pair: pair[0])]


def _runs(chunks: Iterable[Chunk], text: str) -> list[list[Chunk]]:
    runs: list[list[Chunk]] = []
    end = 0
    for chunk in sorted(chunks, key=lambda chunk: (chunk.start, chunk.end, chunk.id)):
        apart = chunk.edited or (runs and runs[-1][-1].edited)
        if runs and not apart and not text[end : chunk.start].strip():
            runs[-1].append(chunk)
        else:
            runs.append([chunk])
        end = max(end, chunk.end) if len(runs[-1]) > 1 else chunk.end
    return runs


def _passage(run: Sequence[Chunk], hit: Hit, page: Page) -> Passage:
    start, end = run[0].start, max(chunk.end for chunk in run)
    return Passage(
        number=0,
        document=hit.document,
        page=page.number,
        start=start,
        end=end,
        text=run[0].text if run[0].edited else page.text[start:end],
        chunk_ids=tuple(chunk.id for chunk in run),
        score=hit.score,
        heading=hit.chunk.heading,
        place=place_of(page, start, end),
    )
