"""Tags of what caches keep, where who keeps it and who forgets it are on different floors."""

from __future__ import annotations


def collection_tag(name: str) -> str:
    """The tag of all that was made from the documents of a collection."""
    return f"collection:{name}"
