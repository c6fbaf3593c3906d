"""Taking documents out of the library: first the store forgets, then everything else does, however often it takes.

What the store has forgotten cannot be found or cited any more. It remembers a `Removal` for each, in the same
transaction, until indexes, tables and kept originals are clean too: at once, else when somebody sweeps again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from basicchat.core.errors import BasicChatError, NotFound
from basicchat.core.protocols import Store, VectorIndex
from basicchat.core.tags import collection_tag
from basicchat.core.types import Removal
from basicchat.ingest.embed import batches
from basicchat.ingest.files import Originals
from basicchat.ingest.index import Projections

log = logging.getLogger(__name__)

TOGETHER = 500
"""Removals finished at once: one call of an index for all of them, and little to do again after a crash."""


def remove_documents(
    ids: Sequence[str], *, store: Store, projections: Projections, originals: Originals, sweep: bool = True
) -> None:
    """Forget documents. Raises `NotFound`, and then nothing was forgotten.

    What cannot be cleaned now, such as an index that fails, is left to the next sweep; without ``sweep`` all of it is.
    """
    with store.begin() as unit:
        known = unit.documents.many(ids)
        for identity in ids:
            if identity not in known:
                raise NotFound(
                    f"There is no document {identity} in the library.",
                    hint="`basicchat library list` shows what there is.",
                )
        for identity in known:
            unit.documents.remove(identity)
    if sweep:
        sweep_removals(store=store, projections=projections, originals=originals)


def relink(
    collection: str,
    links: Iterable[tuple[str, Sequence[str]]],
    *,
    store: Store,
    projections: Projections,
    originals: Originals,
) -> int:
    """Say which documents each source gives now, and forget those that none gives any more; how many these were.

    All of it in one transaction: no document is ever left without a source.
    """
    with store.begin() as unit:
        orphans = [
            identity for source, ids in links for identity in unit.documents.link_source(collection, source, ids)
        ]
        for identity in orphans:
            unit.documents.remove(identity)
    if orphans:
        sweep_removals(store=store, projections=projections, originals=originals)
    return len(orphans)


def sweep_removals(*, store: Store, projections: Projections, originals: Originals) -> int:
    """Clean up after every removal that is not finished; how many are left because something still fails.

    A document that has come back since keeps all that is its own.
    """
    with store.begin() as unit:
        waiting = unit.documents.removals()
        back = set(unit.documents.many([removal.document_id for removal in waiting]))
    groups: dict[tuple[str, bool], list[Removal]] = defaultdict(list)
    for removal in waiting:
        groups[removal.collection, removal.document_id in back].append(removal)
    left = 0
    for (collection, returned), group in groups.items():
        for part in batches(group, TOGETHER):
            try:
                _withdraw(collection, part, returned, projections)
                _finish(part, store, originals)
            except BasicChatError as error:
                log.warning("%d removals are not finished: %s", len(part), error)
                left += len(part)
    return left


def _withdraw(collection: str, removals: Sequence[Removal], returned: bool, projections: Projections) -> None:
    """Take removed documents out of every projection, and forget kept answers that may quote them."""
    if projections.answers is not None:
        projections.answers.forget(collection_tag(collection))
    if returned:
        projections.discard_strays(collection)
        return
    ids = [removal.document_id for removal in removals]
    with projections.generations.changing() as serving:
        projections.generations.elsewhere(partial(_delete, collection, ids))
        serving.vectors.delete(collection, *ids)
    projections.lexical.delete(collection, *ids)
    if projections.tables is not None:
        for identity in ids:
            projections.tables.delete(identity)


def _delete(collection: str, ids: Sequence[str], vectors: VectorIndex) -> None:
    vectors.delete(collection, *ids)


def _finish(removals: Sequence[Removal], store: Store, originals: Originals) -> None:
    """Delete the originals that no document names, in whatever collection, and forget the removals."""
    with store.begin() as unit:
        needed = unit.documents.stored()
    for stored_as in {removal.stored_as for removal in removals} - needed.keys():
        if stored_as is not None:
            originals.remove(stored_as)
    with store.begin() as unit:
        for removal in removals:
            unit.documents.finish_removal(removal.document_id)
