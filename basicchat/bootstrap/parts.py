"""Each part of the program from its settings. Nothing here touches a file or a socket before it is used."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import psutil

from basicchat import reason, retrieve
from basicchat.adapters.cache.sqlite import SqliteCache, remove
from basicchat.adapters.llm.connection import OllamaOptions
from basicchat.adapters.llm.embedded.server import EmbeddedServer
from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.adapters.load import LoadOptions, default_loaders
from basicchat.adapters.load.isolated import isolated
from basicchat.adapters.load.limits import ParseLimits
from basicchat.adapters.load.worker_pool import WorkerPool
from basicchat.adapters.models.catalogue import Catalogue, best_chat, chat_plan, load_catalogue
from basicchat.adapters.models.files import ModelFiles
from basicchat.adapters.models.hosts import hosts_of
from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.adapters.rerank.onnx import OnnxReranker
from basicchat.adapters.rerank.remembering import RememberingReranker
from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.core.errors import DependencyMissing
from basicchat.core.protocols import JobQueue, Loader, Reranker, Splitter
from basicchat.core.types import ModelInfo, Progress
from basicchat.ingest.chunk import NATURAL
from basicchat.ingest.pipeline import IngestConfig
from basicchat.reason.budget import Budget
from basicchat.reason.engine import AnswerConfig
from basicchat.reason.gate import Gate, gate_file
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.resilience.breaker import CircuitBreaker
from basicchat.retrieve.pipeline import RetrieveConfig
from basicchat.service.providers import ChatProviders, Provider
from basicchat.settings import Settings
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.chat import EchoChatModel, FakeModelServer
from basicchat.testing.embedding import OverlapReranker

FETCH_OFF = (
    "Fetching is turned off (models.fetch). Turn it on with BASICCHAT_MODELS__FETCH=true and run "
    "`basicchat models pull --defaults`, or copy the folder of models from another machine."
)


ENGLISH = ("all-minilm", "bge-small-en", "ms-marco")
"""How the names begin of models that know English only."""

OLLAMA, TORCH = "ollama:", "sentence-transformers:"
"""How the names begin of embedders that are not ONNX folders."""


def model_of(embedder: str) -> str:
    """The folder of models that an embedder needs, empty for one that needs none."""
    return "" if embedder.startswith(OLLAMA) else embedder.removeprefix(TORCH)


def is_fake(settings: Settings) -> bool:
    """Whether to run with no model, no network and no server."""
    return settings.profile == "fake"


def state_folder(settings: Settings) -> Path:
    """Where the library lies. The fake profile has one of its own, as its vectors mean nothing to a real model."""
    return settings.home / "fake" if is_fake(settings) else settings.home


def scratch_folder(settings: Settings) -> Path:
    """Where what is unpacked or half read lies for a moment: texts of documents, so not the folder that all share."""
    return state_folder(settings) / "scratch"


def clear_scratch(settings: Settings) -> None:
    """Delete what a killed process left there. Only whoever owns the library may."""
    shutil.rmtree(scratch_folder(settings), ignore_errors=True)


def ledger(settings: Settings) -> EgressLedger:
    """What left this machine, kept in the home."""
    return EgressLedger(settings.home / "logs" / "egress.jsonl")


def model_files(settings: Settings) -> ModelFiles:
    """The folder of model files and the one way to fill it."""
    models = settings.models
    fetcher = GuardedFetcher(
        offline=not models.fetch or is_fake(settings),
        hosts=hosts_of(registries=[models.registry], hub=models.hub),
        ledger=ledger(settings),
        purpose="model files",
    )
    return ModelFiles(settings.models_folder, load_catalogue(), fetcher, registries=(models.registry,), hub=models.hub)


def default_models(settings: Settings, catalogue: Catalogue) -> tuple[str, ...]:
    """Models that this machine should have, in the order to fetch them: what finds passages first, then chat."""
    if is_fake(settings):
        return ()
    chat = settings.models.chat or chat_plan(catalogue, psutil.virtual_memory().total)
    return tuple(name for name in (model_of(settings.models.embedder), settings.models.reranker, *chat) if name)


def missing_essentials(settings: Settings) -> list[str]:
    """The embedder and the reranker, as far as they are wanted and not installed."""
    if is_fake(settings):
        return []
    files = model_files(settings)
    installed = files.installed()

    def there(name: str) -> bool:
        return name in installed if name in files.catalogue.models else (files.folder / name).is_dir()

    return [name for name in (model_of(settings.models.embedder), settings.models.reranker) if name and not there(name)]


def fetch_essentials(settings: Settings, report: Callable[[str, Progress], None]) -> None:
    """Fetch the embedder and the reranker if they are missing, in this thread; ``report`` hears name and progress.

    Raises `DependencyMissing` where fetching is turned off, `FetchFailed` or `DigestMismatch`.
    """
    missing = missing_essentials(settings)
    if missing and not settings.models.fetch:
        raise DependencyMissing(f"The model {missing[0]}", hint=FETCH_OFF)
    for name in missing:
        for progress in model_files(settings).pull(name):
            report(name, progress)


def reranker(settings: Settings) -> Reranker | None:
    """What orders the best passages; None where it is turned off or not installed yet."""
    if is_fake(settings):
        return OverlapReranker()
    name = settings.models.reranker
    if not name or name not in model_files(settings).installed():
        return None
    return RememberingReranker(OnnxReranker(settings.models_folder / name))


def splitter(settings: Settings) -> Splitter:
    """What cuts pages into passages."""
    return RecursiveSplitter() if settings.ingest.splitter == "recursive" else NATURAL


def load_options(settings: Settings) -> LoadOptions:
    """How files are read."""
    speech = settings.ingest.speech
    return LoadOptions(
        speech_model=str(settings.models_folder / speech) if speech else "",
        ocr=settings.ingest.ocr,
        ocr_languages=settings.ingest.ocr_languages,
    )


def loaders(settings: Settings, closing: ExitStack) -> tuple[Loader, ...]:
    """A reader for every format, each in processes that ``closing`` ends.

    The fake profile reads within itself unless it is told to isolate.
    """
    found = default_loaders(load_options(settings))
    told = "isolation" in settings.ingest.model_fields_set
    if not settings.ingest.isolation or (is_fake(settings) and not told):
        return found
    ingest = settings.ingest
    limits = ParseLimits(
        memory_mb=ingest.parse_memory_mb,
        cpu_seconds=ingest.parse_cpu_seconds,
        wall_seconds=ingest.parse_seconds,
        pages=ingest.parse_pages,
    )
    pool = WorkerPool(
        options=load_options(settings), limits=limits, workers=ingest.parse_workers, scratch=scratch_folder(settings)
    )
    closing.callback(pool.close)
    return isolated(found, pool)


def job_queue(settings: Settings) -> JobQueue:
    """What runs work in the background."""
    jobs = settings.jobs
    if jobs.engine == "memory" or (jobs.engine == "auto" and is_fake(settings)):
        return ThreadJobQueue(jobs.workers)
    return DurableJobQueue(state_folder(settings) / "jobs", workers=jobs.workers, stale_seconds=jobs.stale_seconds)


def ingest_config(settings: Settings) -> IngestConfig:
    """How documents are cut and taken in."""
    ingest = settings.ingest
    return IngestConfig(
        chunk_tokens=ingest.chunk_tokens,
        chunk_overlap=ingest.chunk_overlap,
        batch_size=ingest.batch_size,
        max_file_bytes=ingest.max_file_mb * 2**20,
    )


def retrieve_config(settings: Settings) -> RetrieveConfig:
    """How passages are found."""
    retrieve, every = settings.retrieve, RetrieveConfig()
    return RetrieveConfig(
        candidates=retrieve.candidates,
        fusion=retrieve.fusion,
        weights=replace(
            every.weights,
            lexical=every.weights.lexical * retrieve.words,
            name=every.weights.name if retrieve.names else 0.0,
            phrase=every.weights.phrase if retrieve.phrases else 0.0,
        ),
        rerank_top=retrieve.rerank_top,
        rerank_seconds=retrieve.rerank_seconds,
        link_lift=every.link_lift if retrieve.links else 0.0,
        diversity=retrieve.diversity,
        order=retrieve.order,
        english=ENGLISH,
    )


def answer_config(settings: Settings) -> AnswerConfig:
    """How answers are made."""
    answer = settings.answer
    return AnswerConfig(
        top_k=settings.retrieve.top_k,
        max_tokens=answer.max_tokens,
        conversation_tokens=answer.conversation_tokens,
        temperature=answer.temperature,
        deadline_seconds=answer.deadline_seconds,
        gate=gate(settings),
        ask_model_first=answer.ask_model_first,
        rewrite=rewrite_config(settings),
        readings=answer.readings,
        budget=Budget(answer.max_steps, answer.step_tokens, answer.step_seconds, answer.max_tool_calls),
    )


def research_budget(settings: Settings) -> Budget:
    """What deep research may take."""
    research = settings.research
    return Budget(research.max_steps, research.max_tokens, research.max_minutes * 60.0, 0)


def gate(settings: Settings) -> Gate:
    """How likely an answer must be. Scores of other models than those it was fitted with do not count."""
    made = gate_file()
    real = not is_fake(settings)
    return Gate(
        settings.answer.strictness,
        same_embedder=real and settings.models.embedder == made["embedder"],
        same_reranker=real and settings.models.reranker == made["reranker"],
    )


def rewrite_config(settings: Settings) -> RewriteConfig:
    """How questions become texts to search with."""
    retrieve = settings.retrieve
    return RewriteConfig(
        follow_ups=retrieve.rewrite,
        decompose=retrieve.decompose,
        expand=retrieve.expand,
        hypothetical=retrieve.hypothetical,
        model_seconds=retrieve.rewrite_seconds,
    )


def answer_cache(settings: Settings) -> SqliteCache:
    """Where earlier answers are kept. Turned off, what was kept is deleted, and nothing is written."""
    file = state_folder(settings) / "answers.sqlite"
    if not settings.cache.enabled:
        with suppress(OSError):  # another try at the next start
            remove(file)
    return SqliteCache(file, limit=settings.cache.megabytes * 10**6)


def recipe(settings: Settings) -> str:
    """A word for all that an answer depends on besides documents and models: settings, prompts, and the code itself."""
    made_by = hashlib.sha256()
    for package in (reason, retrieve):
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            made_by.update(file.read_bytes())
    configs = (answer_config(settings), retrieve_config(settings), settings.models.reranker)
    return f"{version('basicchat')} {made_by.hexdigest()} {configs}"


def providers(settings: Settings, files: ModelFiles) -> ChatProviders:
    """The model servers in the order they are tried: Ollama, then the embedded one."""
    return ChatProviders(_fake_providers() if is_fake(settings) else real_providers(settings, files))


def _fake_providers() -> Iterator[Provider]:
    server = FakeModelServer([EchoChatModel()], provider="fake")
    yield Provider(server, choose=first_named, breaker=CircuitBreaker(server.provider))


def ollama_options(settings: Settings) -> OllamaOptions:
    """How Ollama is asked."""
    ollama = settings.ollama
    return OllamaOptions(
        connect_seconds=ollama.connect_seconds,
        first_token_seconds=ollama.first_token_seconds,
        idle_seconds=ollama.idle_seconds,
        keep_alive=ollama.keep_alive,
        window=settings.embedded.window,
    )


def real_providers(settings: Settings, files: ModelFiles) -> Iterator[Provider]:
    """Ollama and the embedded server, as far as they are enabled."""
    deadline = settings.answer.deadline_seconds
    if settings.ollama.enabled:
        ollama = settings.ollama
        server = OllamaServer(ollama.url, options=ollama_options(settings))
        yield Provider(
            server,
            choose=lambda models: ollama.model or first_named(models),
            breaker=CircuitBreaker("ollama"),
            deadline_seconds=deadline,
        )
    if settings.embedded.enabled:
        yield Provider(
            embedded_server(settings, files),
            choose=lambda models: _best_embedded(settings, files.catalogue, models),
            breaker=CircuitBreaker("embedded"),
            deadline_seconds=deadline,
            on_demand=True,
        )


def embedded_server(settings: Settings, files: ModelFiles) -> EmbeddedServer:
    """The built-in model server over every installed chat model and the user's own file."""
    own = settings.embedded.model_path
    return EmbeddedServer(
        {own.stem: own, **files.chat_files()} if own else files.chat_files(),
        threads=settings.embedded.threads,
        window=settings.embedded.window,
        log_file=settings.home / "logs" / "model-server.log",
    )


def first_named(models: Sequence[ModelInfo]) -> str | None:
    """The first model, None where there is none."""
    return models[0].name if models else None


def _best_embedded(settings: Settings, catalogue: Catalogue, models: Sequence[ModelInfo]) -> str | None:
    names = [model.name for model in models]
    if settings.embedded.model_path is not None and settings.embedded.model_path.stem in names:
        return settings.embedded.model_path.stem
    if settings.embedded.model in names:
        return settings.embedded.model
    return best_chat(catalogue, names, psutil.virtual_memory().total) or first_named(models)
