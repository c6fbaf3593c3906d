"""Embedders by the names that settings and commands give them, and the generations made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from basicchat.adapters.embed.e5 import E5Embedder
from basicchat.adapters.embed.ollama import OllamaEmbedder
from basicchat.adapters.embed.onnx import BGE_PREFIX, OnnxEmbedder
from basicchat.adapters.embed.remembering import RememberingEmbedder
from basicchat.adapters.embed.sentence_transformers import SentenceTransformerEmbedder
from basicchat.adapters.models.files import ModelFiles
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.bootstrap import parts
from basicchat.bootstrap.parts import OLLAMA, TORCH, model_of
from basicchat.core.errors import InvalidInput
from basicchat.core.protocols import Embedder, Store
from basicchat.ingest.standing import Kept, name_for
from basicchat.ingest.switch import Switch
from basicchat.settings import Settings
from basicchat.testing.embedding import HashingEmbedder

E5 = "multilingual-e5-small-q4"
"""How the name begins of the embedder for many languages."""

FAKE = "hashing-256"


def embedder(settings: Settings, name: str) -> Embedder:
    """The embedder of a name: a folder of models (ONNX), ``ollama:NAME`` or ``sentence-transformers:FOLDER``."""
    if parts.is_fake(settings):
        return HashingEmbedder(dimension=_dimension(name))
    if name.startswith(OLLAMA):
        return OllamaEmbedder(settings.ollama.url, name.removeprefix(OLLAMA))
    folder = settings.models_folder / model_of(name)
    if name.startswith(E5):
        return E5Embedder(folder)
    prefix, pooling = _said_by(folder)
    if name.startswith(TORCH):
        return SentenceTransformerEmbedder(folder, query_prefix=prefix or "")
    if pooling == "mean":
        return OnnxEmbedder(folder, query_prefix=prefix or "", pooling="mean")
    return OnnxEmbedder(folder, query_prefix=BGE_PREFIX if prefix is None else prefix)


def configured(settings: Settings) -> str:
    """The embedder that the settings ask for."""
    name = settings.models.embedder
    if parts.is_fake(settings):
        return name if name.startswith("hashing-") else FAKE
    return name


def trouble_with(settings: Settings, files: ModelFiles) -> Callable[[str], str]:
    """Says what keeps an embedder from being used, empty if nothing does that can be seen without asking a server."""

    def trouble(name: str) -> str:
        model = model_of(name)
        if parts.is_fake(settings) or not model:
            return ""
        there = model in files.installed() if model in files.catalogue.models else (files.folder / model).is_dir()
        return "" if there else f"The model {model} is not installed. Fetch it with: basicchat models pull {model}"

    return trouble


def open_switch(settings: Settings, store: Store, *, batch_size: int) -> Switch:
    """The generations of the library of these settings."""
    folder = parts.state_folder(settings) / "vectors"
    wanted = configured(settings)
    return Switch(
        store=store,
        open_index=lambda name: ChromaIndex(folder / name),
        make_embedder=lambda name: RememberingEmbedder(embedder(settings, name)),
        first=_first(folder, "fake" if parts.is_fake(settings) else name_for(wanted, ()), wanted),
        configured=wanted,
        batch_size=batch_size,
    )


def _first(folder: Path, usual: str, wanted: str) -> Kept:
    """What serves in a library that says nothing of generations: an index that an older version left, or a new one.

    An older version named the folder of an index after its embedder.
    """
    if (folder / usual).is_dir():
        return Kept(usual, wanted)
    left = sorted(folder.glob("*/chroma.sqlite3"), key=lambda file: file.stat().st_mtime)
    return Kept(left[-1].parent.name, left[-1].parent.name) if left else Kept(usual, wanted)


def _said_by(folder: Path) -> tuple[str | None, str]:
    """What a folder in the layout of sentence-transformers says: the prefix of questions, None if silent; pooling."""
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts")
    pooling = _json(folder / "1_Pooling" / "config.json")
    prefix = prompts.get("query") if isinstance(prompts, dict) else None
    mean = bool(pooling.get("pooling_mode_mean_tokens"))
    return (prefix if isinstance(prefix, str) and prefix else "" if pooling else None), "mean" if mean else "cls"


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _dimension(name: str) -> int:
    """The length of a fake embedder's vectors, from a name such as ``hashing-256``."""
    number = name.removeprefix("hashing-")
    if name == number or not number.isdigit() or not 8 <= int(number) <= 4096:
        raise InvalidInput(f"The fake profile knows no embedder {name}.", hint="It knows names such as hashing-64.")
    return int(number)
