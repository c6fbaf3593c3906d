"""Filters in SQL: which documents fit, and which chunks they have."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select

from basicchat.adapters.store.schema import chunks, documents, sources
from basicchat.core.filters import Filter, PageRange, end_of, forward, start_of

ESCAPE = "!"
"""What makes a sign of ``LIKE`` stand for itself; a backslash would be one of a path."""


def fitting(collection: str, wanted: Filter) -> Select[tuple[str]]:
    """The ids of the documents of a collection that fit; pages are not looked at."""
    query = select(documents.c.id).where(documents.c.collection == collection)
    if wanted.kinds:
        query = query.where(documents.c.media_type.in_(wanted.kinds))
    if wanted.since:
        query = query.where(documents.c.added_at >= start_of(wanted.since))
    if wanted.until:
        query = query.where(documents.c.added_at < end_of(wanted.until))
    for tag in wanted.tags:
        query = query.where(cast(documents.c.tags, String).contains(json.dumps(tag), autoescape=True))
    if wanted.files:
        named = or_(*map(_named, wanted.files))
        query = query.where(documents.c.id.in_(select(sources.c.document_id).where(named)))
    return query.order_by(documents.c.id)


def on_pages(ranges: Iterable[PageRange]) -> ColumnElement[bool]:
    """That a chunk stands on a page of one of the ranges."""
    return or_(*(and_(chunks.c.page >= first, chunks.c.page <= last) for first, last in ranges))


def _named(file: str) -> ColumnElement[bool]:
    """That a source is called so, or ends so behind a slash."""
    pattern = "".join({"*": "%", "?": "_"}.get(each, _plain(each)) for each in forward(file))
    path = func.replace(sources.c.source, "\\", "/")
    return or_(path.ilike(pattern, escape=ESCAPE), path.ilike(f"%/{pattern}", escape=ESCAPE))


def _plain(letter: str) -> str:
    return ESCAPE + letter if letter in {"%", "_", ESCAPE} else letter
