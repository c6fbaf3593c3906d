"""Identities come from content, so that doing anything twice is doing it once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from basicchat.core.types import LoadedDocument

ID_LENGTH = 32
"""Hex digits of an identity: 128 bits, so that two never meet by chance."""


def digest_of(text: str) -> str:
    """The sha256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes, in hex. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_digest(record: LoadedDocument) -> str:
    """The sha256 of a record's canonical JSON: sorted keys, no spaces, plain UTF-8."""
    text = "\n\f".join(page.text for page in record.pages)
    fields = {**record.metadata, "_id": record.external_id, "title": record.title, "text": text}
    return digest_of(json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def document_id(collection: str, digest: str, *, external_id: str | None = None) -> str:
    """The identity of a document: where it lies, what its author calls it, what it holds."""
    return _identity(collection, external_id, digest)


def chunk_id(document: str, *, page: int, start: int, end: int, text: str) -> str:
    """The identity of a chunk: its document, its place and its text."""
    return _identity(document, page, start, end, text)


def _identity(*parts: str | int | None) -> str:
    """JSON keeps the parts apart: ``("ab", "c")`` and ``("a", "bc")`` differ."""
    return digest_of(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))[:ID_LENGTH]
