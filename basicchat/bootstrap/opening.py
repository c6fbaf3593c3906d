"""Opening the library: as its owner, or through the process that owns it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from basicchat.adapters.lexical.sqlite_fts import SqliteFtsIndex
from basicchat.adapters.load import default_renderers, default_unlocks
from basicchat.adapters.notebook.sqlite import SqliteNotebook
from basicchat.adapters.owner.client import OwnerClient, RemoteAssistant
from basicchat.adapters.owner.lock import OwnerLock
from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.tables.duckdb import DuckDbTables
from basicchat.adapters.watch.notify import notice
from basicchat.bootstrap import parts, quality
from basicchat.bootstrap.embedders import open_switch, trouble_with
from basicchat.bootstrap.health import SystemHealth, model_checks, server_checks
from basicchat.bootstrap.tools import open_toolbox
from basicchat.core.errors import BasicChatError
from basicchat.ingest.generations import ServingVectors
from basicchat.ingest.pipeline import Ingestor
from basicchat.reason import specialists
from basicchat.reason.engine import AnswerEngine
from basicchat.reason.research.desk import Tools
from basicchat.reason.research.web import WebThroughTools
from basicchat.retrieve.pipeline import Retriever
from basicchat.service.again import AnsweringAgain
from basicchat.service.agreement import agreements
from basicchat.service.assistant import Assistant
from basicchat.service.curation import Curation
from basicchat.service.doctor import Doctor
from basicchat.service.earlier import EarlierAnswers, KeptAnswers
from basicchat.service.folders import Folders
from basicchat.service.following import Following
from basicchat.service.library import Library
from basicchat.service.models import Models
from basicchat.service.originals import KeptOriginals
from basicchat.service.quality import Quality
from basicchat.service.reindexing import Reindexing
from basicchat.service.research import Research, StoreShelf
from basicchat.service.tables import Tables
from basicchat.settings import Settings
from basicchat.telemetry import log
from basicchat.telemetry.egress import watch_egress

WAIT_SECONDS = 10.0
"""A command waits this long for another one that owns the library to finish."""


Prepare = Callable[[], None]
"""What an owner does before anything is opened, such as fetching models. What it raises gives the library back."""


def nothing() -> None:
    """Prepare nothing."""


def open_assistant(
    settings: Settings, *, doing: str = "assistant", wait: float = 0.0, prepare: Prepare = nothing
) -> Assistant:
    """Own the library and everything round it. Raises `StoreLocked` when another process does."""
    return _opened(settings, doing=doing, wait=wait, prepare=prepare).assistant


@dataclass(frozen=True)
class _Owned:
    """An open assistant and the lock that it holds."""

    assistant: Assistant
    lock: OwnerLock


def _opened(settings: Settings, *, doing: str, wait: float = 0.0, prepare: Prepare = nothing) -> _Owned:
    lock = owner_lock(settings)
    if not lock.acquire(doing=doing, wait=wait):
        raise lock.refusal()
    with ExitStack() as closing:
        closing.callback(lock.release)
        prepare()
        return _Owned(_assembled(settings, closing), lock)


def owner_lock(settings: Settings) -> OwnerLock:
    """The lock of the library of these settings."""
    return OwnerLock(parts.state_folder(settings))


def open_for_command(
    settings: Settings, *, doing: str = "command", prepare: Prepare = nothing
) -> Assistant | RemoteAssistant:
    """The library for one command: owned, and then ``prepare`` is called first, or handed to the process that owns it.

    Raises `StoreLocked` when it is taken by a process that takes no calls and does not finish in `WAIT_SECONDS`.
    """
    lock = owner_lock(settings)
    if not lock.acquire(doing=doing):
        card = lock.card()
        if card is not None and card.url:
            client = OwnerClient(card)
            if client.answers():
                return RemoteAssistant(client)
            client.close()
    else:
        lock.release()
    return open_assistant(settings, doing=doing, wait=WAIT_SECONDS, prepare=prepare)


def open_models(settings: Settings) -> Models:
    """Model files and servers alone; needs no library and no lock."""
    files = parts.model_files(settings)
    return Models(
        files=files,
        chat=parts.providers(settings, files),
        jobs=ThreadJobQueue(),
        defaults=parts.default_models(settings, files.catalogue),
    )


_shared: dict[Path, _Owned] = {}
_sharing = threading.Lock()


def shared_assistant(settings: Settings, *, prepare: Prepare = nothing) -> Assistant:
    """The one assistant of this process for this home, opened on first use, after ``prepare``. Raises `StoreLocked`."""
    return _share(settings, prepare).assistant


def take_calls(settings: Settings, *, url: str, token: str) -> None:
    """Tell other processes that the shared assistant takes their calls at ``url`` with ``token``."""
    _share(settings).lock.announce(url=url, token=token)


def _share(settings: Settings, prepare: Prepare = nothing) -> _Owned:
    key = parts.state_folder(settings)
    with _sharing:
        if key not in _shared or _shared[key].assistant.closed:
            _shared[key] = _opened(settings, doing="page", prepare=prepare)
            _go_on(_shared[key].assistant)
        return _shared[key]


def _go_on(assistant: Assistant) -> None:
    """Go on with jobs, finish removals, follow folders, go on with a switch of embedders.

    The page opens whatever comes of it.
    """
    try:
        assistant.jobs.start()
    except BasicChatError as error:
        log.logger("jobs").warning("jobs do not go on: %s", error)
    assistant.following.start()
    try:
        assistant.curation.settle()
    except BasicChatError as error:
        log.logger("curation").warning("removals are not finished: %s", error)
    try:
        assistant.reindexing.resume()
    except BasicChatError as error:
        log.logger("reindexing").warning("a switch of embedders does not go on: %s", error)


def _assembled(settings: Settings, closing: ExitStack) -> Assistant:
    watch_egress()
    home = parts.state_folder(settings)
    log.configure(file=settings.home / "logs" / "basicchat.log", level=settings.log_level)
    parts.clear_scratch(settings)
    files = parts.model_files(settings)
    store = SqlStore(home / "basicchat.sqlite")
    closing.callback(store.close)
    lexical = SqliteFtsIndex(home / "words.sqlite")
    closing.callback(lexical.close)
    tables = DuckDbTables(home / "tables.duckdb")
    switch = open_switch(settings, store, batch_size=settings.ingest.batch_size)
    closing.callback(switch.close)
    generations = switch.generations
    cache = parts.answer_cache(settings)
    closing.callback(cache.close)
    earlier = EarlierAnswers(cache)
    providers = parts.providers(settings, files)
    closing.callback(providers.close)
    ingestor = Ingestor(
        loaders=parts.loaders(settings, closing),
        generations=generations,
        store=store,
        lexical=lexical,
        tables=tables,
        files=home / "files",
        config=parts.ingest_config(settings),
        splitter=parts.splitter(settings),
        unlock=default_unlocks(),
        scratch=parts.scratch_folder(settings),
        answers=cache,
    )
    closing.callback(ingestor.close)
    jobs = parts.job_queue(settings)
    closing.callback(jobs.close)
    reindexing = Reindexing(
        switch=switch, jobs=jobs, store=store, reindexer=ingestor, trouble_with=trouble_with(settings, files)
    )
    reranker = parts.reranker(settings)
    retriever = Retriever(
        generations=generations,
        lexical=lexical,
        store=store,
        reranker=reranker,
        config=parts.retrieve_config(settings),
    )
    opened: list[Assistant] = []
    toolbox = open_toolbox(settings, lambda: opened[0])  # which is asked when a tool wants documents
    engine = AnswerEngine(
        retriever=retriever, models=providers.chat_model, config=parts.answer_config(settings), tools=toolbox
    )
    notebook = SqliteNotebook(home / "research.sqlite")
    closing.callback(notebook.close)
    research = Research(
        jobs=jobs,
        notebook=notebook,
        tools=Tools(
            retriever=retriever,
            shelf=StoreShelf(store),
            models=providers.chat_model,
            config=parts.answer_config(settings),
            web=WebThroughTools(toolbox),
        ),
        budget=parts.research_budget(settings),
    )
    folders = Folders(ingestor=ingestor, store=store, jobs=jobs)
    following = Following(folders=folders, jobs=jobs, notice=notice)
    closing.callback(following.close)
    library = Library(
        ingestor=ingestor,
        store=store,
        renderers=default_renderers(),
        files=home / "files",
        jobs=jobs,
        inbox=home / "inbox",
    )
    mender = ingestor.mender
    vectors = ServingVectors(generations)
    doctor = Doctor(
        home=home,
        store=store,
        matters=[
            *agreements(store=store, vectors=vectors, lexical=lexical, tables=tables, care=mender),
            KeptOriginals(store, home / "files", mender),
            *([KeptAnswers(earlier)] if settings.cache.enabled else []),
        ],
        probes=[
            library.checks,
            reindexing.checks,
            lambda _: model_checks(settings, files),
            lambda _: server_checks(settings, providers),
        ],
    )
    assistant = Assistant(
        library=library,
        curation=Curation(store=store, care=ingestor.care),
        models=Models(files=files, chat=providers, jobs=jobs, defaults=parts.default_models(settings, files.catalogue)),
        jobs=jobs,
        folders=folders,
        following=following,
        tables=Tables(index=tables, store=store),
        store=store,
        reindexing=reindexing,
        quality=Quality(
            store=store,
            jobs=jobs,
            begin=lambda: quality.ways(settings, retriever, reranker, providers.chat_model),
            engine=engine,
            models=providers.chat_model,
            now=quality.in_use(settings),
            reranks=reranker is not None,
            file=home / "quality.json",
        ),
        retriever=retriever,
        engine=AnsweringAgain(engine, earlier, store, generations, providers.answering, parts.recipe(settings))
        if settings.cache.enabled
        else engine,
        health=SystemHealth(settings, store, providers, files, parts.ledger(settings), doctor, reindexing),
        mode=settings.answer.mode,
        research=research,
        specialists=partial(specialists.load, own=settings.home / "specialists"),
        tools=toolbox,
        closing=closing.pop_all(),
    )
    opened.append(assistant)
    return assistant
