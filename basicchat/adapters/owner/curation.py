"""Keeping the owner's library in order, with the methods of the curation that does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from basicchat.core.codec import from_json
from basicchat.core.types import Chunk, ChunkVersion, Entry, Json


class Calls(Protocol):
    """What hands calls over."""

    def call(self, operation: str, **arguments: Any) -> Json:
        """The JSON result of one operation."""


class RemoteCuration:
    """Tags, collections and corrections of the owner's library."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def entries(
        self,
        text: str = "",
        *,
        collection: str | None = None,
        kind: str | None = None,
        tag: str | None = None,
        state: str | None = None,
    ) -> list[Entry]:
        """Lines of the library, newest first. Raises `InvalidInput` for an unknown state."""
        data = self._client.call("curation.entries", text=text, collection=collection, kind=kind, tag=tag, state=state)
        return from_json(list[Entry], data)

    def tags(self) -> dict[str, int]:
        """How many documents have each tag."""
        return from_json(dict[str, int], self._client.call("curation.tags"))

    def tag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Add tags to documents. Raises `NotFound` or `InvalidInput`."""
        self._client.call("curation.tag", document_ids=list(document_ids), tags=list(tags))

    def untag(self, document_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Take tags from documents. Raises `NotFound`."""
        self._client.call("curation.untag", document_ids=list(document_ids), tags=list(tags))

    def move(self, document_ids: Sequence[str], collection: str) -> list[str]:
        """Put documents into another collection; their ids there. Raises `NotFound` or `InvalidInput`."""
        data = self._client.call("curation.move", document_ids=list(document_ids), collection=collection)
        return from_json(list[str], data)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Forget documents. Raises `NotFound`, and then nothing was forgotten."""
        self._client.call("curation.remove", document_ids=list(document_ids))

    def edit_chunk(self, chunk_id: str, text: str) -> Chunk:
        """Give a passage another text. Raises `NotFound` or `InvalidInput`."""
        return from_json(Chunk, self._client.call("curation.edit_chunk", chunk_id=chunk_id, text=text))

    def history(self, chunk_id: str) -> list[ChunkVersion]:
        """Every text that a passage had. Raises `NotFound`."""
        return from_json(list[ChunkVersion], self._client.call("curation.history", chunk_id=chunk_id))

    def rollback(self, chunk_id: str, version: int) -> Chunk:
        """Give a passage a text that it had before. Raises `NotFound`."""
        return from_json(Chunk, self._client.call("curation.rollback", chunk_id=chunk_id, version=version))
