"""What people corrected in passages survives a new version of the file, wherever it still reads as it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from basicchat.core.protocols import Documents
from basicchat.core.types import Chunk, ChunkVersion, Document
from basicchat.ingest.prepare import Prepared

Passage = tuple[str, int]
"""A text as it was read, and how often it stood in the document before: what tells a passage from its likes."""


def carry_edits(documents: Documents, items: Sequence[Prepared]) -> dict[str, ChunkVersion]:
    """The edits that new documents inherit, by the id of the chunk that is to have them.

    They come from the documents that the same source gives now. To be called before the new ones are added.
    """
    carried: dict[str, ChunkVersion] = {}
    known = documents.many([item.document.id for item in items])
    new = [item for item in items if item.document.id not in known]
    for collection in {item.document.collection for item in new}:
        edited = {chunk.document_id for chunk in documents.edited_chunks(collection)}
        for item in new if edited else ():
            if item.document.collection == collection:
                for before in _edited_before(documents, item.document, edited):
                    carried.update(_inherited(documents, before, item.chunks))
    return carried


def _edited_before(documents: Documents, document: Document, edited: Set[str]) -> list[str]:
    """The documents with edits that the same source gives as the same record now."""
    linked = [before for before in documents.sources(document.collection, document.source) if before in edited]
    owners = documents.many(linked)
    return [before for before in linked if owners[before].external_id == document.external_id]


def with_edit(chunk: Chunk, texts: Mapping[str, str]) -> Chunk:
    """The chunk with its text of ``texts``, by chunk id, where there is one."""
    return replace(chunk, text=texts[chunk.id], edited=True) if chunk.id in texts else chunk


def _inherited(documents: Documents, before: str, chunks: Sequence[Chunk]) -> Iterator[tuple[str, ChunkVersion]]:
    old = documents.chunks(before)
    histories = documents.edit_histories(before)
    originals = [histories[chunk.id][0].text if chunk.edited else chunk.text for chunk in old]
    edits = {
        passage: histories[chunk.id][-1]
        for passage, chunk in zip(_numbered(originals), old, strict=True)
        if chunk.edited
    }
    for passage, chunk in zip(_numbered(chunk.text for chunk in chunks), chunks, strict=True):
        if passage in edits:
            yield chunk.id, edits[passage]


def _numbered(texts: Iterable[str]) -> Iterator[Passage]:
    seen: Counter[str] = Counter()
    for text in texts:
        yield text, seen[text]
        seen[text] += 1
