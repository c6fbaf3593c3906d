"""Searches the user's own documents."""

from __future__ import annotations

from typing import Annotated

from basicchat.toolbox import InvalidInput, Source, Sources, Toolkit, tool

MOST_HITS = 20


@tool(permissions=["read"], cost="seconds", version="1", tainted=True, examples=[{"query": "opening hours"}])
def documents(
    toolkit: Toolkit,
    query: Annotated[str, "What to look for, as a question or in words that would stand there."],
    limit: Annotated[int, "Passages at most, 1 to 20."] = 5,
) -> Sources:
    """Search the user's own documents; gives the best passages with document and page."""
    if not query.strip():
        raise InvalidInput("The query is empty.")
    hits = toolkit.documents.search(query, top_k=max(1, min(limit, MOST_HITS)))
    return Sources(
        tuple(
            Source(
                title=hit.document.title,
                quote=hit.chunk.text,
                document_id=hit.document.id,
                page=hit.chunk.page,
                start=hit.chunk.start,
                end=hit.chunk.end,
                place=hit.chunk.place,
            )
            for hit in hits
        )
    )
