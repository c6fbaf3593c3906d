"""The assistant: the one facade that the page, the command line, the local API and Python callers use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from basicchat.core.errors import DependencyMissing, InvalidInput, NotFound
from basicchat.core.events import Event, answer_of
from basicchat.core.filters import EVERYTHING, Filter
from basicchat.core.protocols import JobQueue, Store
from basicchat.core.tools import Toolkit
from basicchat.core.types import (
    DEFAULT_COLLECTION,
    Answer,
    Check,
    Document,
    FileOutcome,
    Hit,
    Message,
    Query,
    Scope,
    ToolCall,
)
from basicchat.reason.engine import AnswerRequest
from basicchat.reason.gate import Strictness
from basicchat.reason.specialists import Specialist, chosen, load
from basicchat.retrieve.pipeline import Retriever
from basicchat.service.again import Engine
from basicchat.service.chats import Chats
from basicchat.service.curation import Curation
from basicchat.service.filtering import checked
from basicchat.service.folders import Folders
from basicchat.service.following import Following
from basicchat.service.leaving_out import left_out, saying
from basicchat.service.leaving_out import without as scope_without
from basicchat.service.library import Library
from basicchat.service.models import Models
from basicchat.service.quality import Quality
from basicchat.service.reindexing import Reindexing
from basicchat.service.research import Research
from basicchat.service.status import Status
from basicchat.service.tables import Tables
from basicchat.service.traces import Traces
from basicchat.toolbox import Registry, Toolbox


class Health(Protocol):
    """Looks after the whole: says how things stand and mends what can be mended."""

    def status(self) -> Status:
        """How things stand."""

    def doctor(self, *, repair: bool, deep: bool) -> list[Check]:
        """Every check, after repairing when asked to; ``deep`` also reads what takes long."""


class Assistant:
    """Answers questions over a library of documents.

    ``closing`` holds what to release, last opened first; `close` releases it once. A context manager.
    """

    def __init__(
        self,
        *,
        library: Library,
        curation: Curation,
        models: Models,
        jobs: JobQueue,
        folders: Folders,
        following: Following,
        tables: Tables,
        store: Store,
        reindexing: Reindexing,
        quality: Quality,
        research: Research,
        retriever: Retriever,
        engine: Engine,
        health: Health,
        mode: str = "auto",
        specialists: Callable[[], Mapping[str, Specialist]] = load,
        closing: ExitStack | None = None,
        tools: Toolbox | None = None,
    ) -> None:
        self.library = library
        self.curation = curation
        self.models = models
        self.jobs = jobs
        self.folders = folders
        self.following = following
        self.reindexing = reindexing
        self.quality = quality
        self.research = research
        self.tables = tables
        self._store = store
        self.chats = Chats(store=store, stream=self.stream, repair=self._repair)
        self.traces = Traces(store)
        self.retriever = retriever
        self._engine = engine
        self._mode = mode
        self.specialists = specialists
        self._health = health
        self._closing = closing or ExitStack()
        self.closed = False
        self.tools = tools or Toolbox(Registry(), toolkit=_no_toolkit)

    def search(
        self,
        text: str,
        *,
        collection: str = DEFAULT_COLLECTION,
        document_ids: Sequence[str] = (),
        only: Filter = EVERYTHING,
        top_k: int = 10,
    ) -> list[Hit]:
        """At most ``top_k`` passages for a question, best first, of what fits ``only``.

        Raises `InvalidInput` for an empty question, and it or `NotFound` for a filter that nothing fits.
        """
        query = Query(_asked(text), scope=self._scope(collection, document_ids, only), top_k=_positive(top_k))
        return list(self.retriever.search(query).hits)

    def stream(
        self,
        question: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        collection: str = DEFAULT_COLLECTION,
        document_ids: Sequence[str] = (),
        only: Filter = EVERYTHING,
        history: Sequence[Message] = (),
        fresh: bool = False,
        specialist: str | None = None,
        strictness: Strictness | None = None,
        allowed: Sequence[ToolCall] = (),
        without: Sequence[str] = (),
    ) -> Iterator[Event]:
        """Answer a question as events, ending with exactly one `Finished` or `Failed`.

        Only what fits ``only`` is drawn on. A ``specialist`` gives mode, model and tags where they are not given.
        ``strictness`` None takes the one that is set; the stricter, the surer it must be that the documents answer.
        ``allowed`` are calls of tools that a person said yes to, for this question. ``without`` are documents, by id or
        by name of a file, that must not be drawn on; the answer says so.
        Unless ``fresh``, an earlier answer may be given again, and says so. Closing the iterator stops the model.
        Raises `InvalidInput`, `NotFound` or `UnknownMode` before the first event.
        """
        who = chosen(self.specialists(), specialist) if specialist else None
        scope = self._scope(collection, document_ids, _narrowed(only, who))
        gone: list[Document] = []
        if without:
            with self._store.begin() as unit:
                gone = left_out(without, scope, unit)
                scope = scope_without(gone, scope, unit)
        request = AnswerRequest(
            question=_asked(question),
            mode=mode or (who.mode if who else "") or self._mode,
            scope=scope,
            model=model or (who.model if who else "") or None,
            specialist=who,
            history=tuple(history),
            fresh=fresh,
            strictness=strictness,
            allowed=tuple(allowed),
        )
        events = self._engine.stream(request)
        return saying(events, gone) if gone else events

    def ask(
        self,
        question: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        collection: str = DEFAULT_COLLECTION,
        document_ids: Sequence[str] = (),
        only: Filter = EVERYTHING,
        history: Sequence[Message] = (),
        fresh: bool = False,
        specialist: str | None = None,
        strictness: Strictness | None = None,
        without: Sequence[str] = (),
    ) -> Answer:
        """Answer a question, as `stream` does. Raises the error that kept the answer from being made."""
        events = self.stream(
            question,
            mode=mode,
            model=model,
            collection=collection,
            document_ids=document_ids,
            only=only,
            history=history,
            fresh=fresh,
            specialist=specialist,
            strictness=strictness,
            without=without,
        )
        return answer_of(events)

    def ingest(self, paths: Sequence[Path | str], *, collection: str = DEFAULT_COLLECTION) -> list[FileOutcome]:
        """Take files and folders in; one outcome a file, whatever became of the others."""
        return list(self.library.ingest([Path(path) for path in paths], collection=collection))

    def status(self) -> Status:
        """How things stand, in sentences and figures."""
        return self._health.status()

    def doctor(self, *, repair: bool = False, deep: bool = False) -> list[Check]:
        """Look everything over, mending first what can be mended if ``repair``; ``deep`` reads every kept file."""
        return self._health.doctor(repair=repair, deep=deep)

    def close(self) -> None:
        """Stop background work and release the library. Closing twice is closing once."""
        self.closed = True
        self._closing.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _repair(self, question: str, answer: Answer, model: str | None) -> Answer:
        return self._engine.repair(AnswerRequest(question=question, model=model), answer)

    def _scope(self, collection: str, document_ids: Sequence[str], only: Filter) -> Scope:
        if not collection.strip():
            raise InvalidInput("The collection needs a name.")
        for document_id in document_ids:
            if self.library.document(document_id).collection != collection:
                raise NotFound(f"Document {document_id} is not in the collection {collection}.")
        scope = Scope(collection, tuple(document_ids))
        if not only:
            return scope
        with self._store.begin() as unit:
            return checked(only, scope, unit)


def _no_toolkit() -> Toolkit:
    raise DependencyMissing("The toolbox", hint="This assistant was opened without tools.")


def _narrowed(only: Filter, who: Specialist | None) -> Filter:
    """The tags of a specialist, where none are given."""
    return replace(only, tags=who.tags) if who is not None and not only.tags else only


def _asked(text: str) -> str:
    cleaned = text.strip()
    if not cleaned:
        raise InvalidInput("The question is empty.", hint="Type a question first.")
    return cleaned


def _positive(top_k: int) -> int:
    if not 1 <= top_k <= 1000:
        raise InvalidInput(f"The number of passages must be between 1 and 1000, not {top_k}.")
    return top_k
