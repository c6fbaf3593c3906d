"""The same question without some sources: what changes rests on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import cast

from basicchat.core.errors import NotFound
from basicchat.core.events import Event, Finished
from basicchat.core.filters import EVERYTHING, Filter
from basicchat.core.protocols import UnitOfWork
from basicchat.core.types import Document, Scope
from basicchat.service.filtering import checked


def left_out(sources: Sequence[str], scope: Scope, unit: UnitOfWork) -> list[Document]:
    """The documents that are meant, by id or by name of a file, as a filter takes them.

    Raises `InvalidInput` for a name that no file of the collection has.
    """
    ids: list[str] = []
    for source in sources:
        found = unit.documents.get(source)
        if found is not None and found.collection == scope.collection:
            ids.append(found.id)
            continue
        named = Filter(files=(source,))
        checked(named, Scope(scope.collection), unit)
        ids += unit.documents.fitting(scope.collection, named)
    return list(unit.documents.many(list(dict.fromkeys(ids))).values())


def without(documents: Sequence[Document], scope: Scope, unit: UnitOfWork) -> Scope:
    """What is left of a scope without these documents. Raises `NotFound` where that is nothing."""
    gone = {document.id for document in documents}
    if scope.chunk_ids is not None:
        chunks = unit.documents.chunks_by_id(scope.chunk_ids)
        kept = tuple(each for each in scope.chunk_ids if each in chunks and chunks[each].document_id not in gone)
        rest = replace(scope, chunk_ids=kept, document_ids=tuple(set(scope.document_ids) - gone))
    else:
        looked_in = scope.document_ids or unit.documents.fitting(scope.collection, EVERYTHING)
        rest = replace(scope, document_ids=tuple(each for each in looked_in if each not in gone))
    if not (rest.document_ids if rest.chunk_ids is None else rest.chunk_ids):
        raise NotFound(f"Nothing is left to look in {remark(documents)}.", hint="Leave out fewer sources.")
    return rest


def remark(documents: Sequence[Document]) -> str:
    """Which sources were left out, as a part of a sentence."""
    return "without " + ", ".join(f"“{each.title or each.source}”" for each in documents)


def saying(events: Iterator[Event], documents: Sequence[Document]) -> Iterator[Event]:
    """The events of an answer that was made without these documents; it says so."""
    with closing(cast("closing[Iterator[Event]]", events)) as stream:  # type: ignore[type-var]
        for event in cast("Iterator[Event]", stream):
            if isinstance(event, Finished):
                told = f"This was answered {remark(documents)}."
                event = Finished(replace(event.answer, warnings=(told, *event.answer.warnings)))
            yield event
