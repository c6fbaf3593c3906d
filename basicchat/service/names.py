"""Names that people give."""

from __future__ import annotations

from basicchat.core.errors import InvalidInput


def collection_name(name: str) -> str:
    """The name of a collection, trimmed. Raises `InvalidInput` for one that is empty or too long."""
    clean = " ".join(name.split())
    if not clean or len(clean) > 100 or not clean.isprintable():
        raise InvalidInput("A collection needs a name of 1 to 100 characters.")
    return clean
