"""Taking documents out of the library, everywhere they are."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.errors import NotFound
from basicchat.core.protocols import Store
from basicchat.core.types import Document
from basicchat.ingest.files import Originals
from basicchat.ingest.identity import document_id
from basicchat.ingest.index import Projections


def remove_documents(ids: Sequence[str], *, store: Store, projections: Projections, originals: Originals) -> None:
    """Forget documents: projections first, then the store, then the kept originals. Raises `NotFound`.

    Stopped in between, the document is still listed but not searched, and removing it again completes it.
    """
    with store.begin() as unit:
        documents = unit.documents.many(ids)
    for identity in ids:
        if identity not in documents:
            raise NotFound(f"There is no document {identity} in the library.", hint="It may be gone already.")
    projections.forget(list(documents.values()))
    with store.begin() as unit:
        for identity in documents:
            unit.documents.remove(identity)
    for document in documents.values():
        if document.stored_as is not None and not _needed(document, store):
            originals.remove(document.stored_as)


def _needed(document: Document, store: Store) -> bool:
    """Whether another collection holds the same file: originals are kept once for all of them."""
    with store.begin() as unit:
        ids = [document_id(collection, document.digest) for collection in unit.documents.collections()]
        return any(other.stored_as == document.stored_as for other in unit.documents.many(ids).values())
