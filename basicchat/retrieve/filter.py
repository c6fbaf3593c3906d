"""Filters: which documents and chunks a search may find, told by the store, and the exact way for narrow ones."""

from __future__ import annotations

from dataclasses import replace

from basicchat.core.filters import Filter
from basicchat.core.protocols import UnitOfWork
from basicchat.core.types import Scope

NARROW = 500
"""Chunks up to which every one is compared: docs/explanation/latency.md has what that costs."""


def scope_of(wanted: Filter, scope: Scope, unit: UnitOfWork) -> Scope:
    """What is left of a scope where only what fits the filter may be found.

    Where nothing fits, the scope has no chunks. Pages become chunks; documents stay documents, and where all of the
    collection fit, none is named.
    """
    if not wanted:
        return scope
    fitting = unit.documents.fitting(scope.collection, wanted)
    if scope.document_ids:
        chosen = set(scope.document_ids)
        fitting = [each for each in fitting if each in chosen]
    if not fitting:
        return replace(scope, chunk_ids=())
    chunks = tuple(unit.documents.chunks_within(fitting, pages=wanted.pages)) if wanted.pages else scope.chunk_ids
    every = not scope.document_ids and len(fitting) == unit.documents.count(scope.collection)
    return replace(scope, document_ids=() if every else tuple(fitting), chunk_ids=chunks)


def narrowed(scope: Scope, unit: UnitOfWork) -> Scope:
    """The same scope, its chunks named one by one where they are few: then none is missed, and that is faster."""
    if scope.chunk_ids is not None or not scope.document_ids:
        return scope
    chunks = unit.documents.chunks_within(scope.document_ids, limit=NARROW + 1)
    return scope if len(chunks) > NARROW else replace(scope, chunk_ids=tuple(chunks))
