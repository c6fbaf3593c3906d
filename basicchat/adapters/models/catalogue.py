"""The models that the program knows by name: what they are for, what their bytes are, and who carries them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from basicchat.core.errors import InvalidInput, NotFound

ModelRole = Literal["chat", "embed", "rerank", "speech", "ocr", "fixture"]
SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
SHARE = 0.75
"""Of a machine's memory that a chat model may take; the rest is for the system, a browser and the documents."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its path inside the model's folder, size in bytes and sha256 in hex."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """Packages of a registry that hold the bytes. Part ``n`` counts from 1; the members of all parts are joined."""

    package: str
    version: str
    parts: int
    folder: str
    members: Mapping[str, str]
    download: int

    def package_of(self, part: int) -> str:
        """The package that holds a part."""
        return self.package.format(n=part)

    def member_of(self, path: str, part: int) -> str:
        """Where a part of a file lies inside its package."""
        inside = self.members.get(path) or f"{self.folder}/{path}"
        return inside.format(n=part)


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository of the model hub at one revision."""

    repository: str
    revision: str
    files: Mapping[str, str]

    def address_of(self, path: str, hub: str) -> str:
        """The address of a file on ``hub``."""
        return f"{hub.rstrip('/')}/{self.repository}/resolve/{self.revision}/{self.files.get(path, path)}"


Source = Carrier | HubRepository


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model: ``memory`` is the bytes a machine should have free to use it, ``quality`` orders chat models."""

    name: str
    role: ModelRole
    title: str
    licence: str
    upstream: str
    memory: int
    quality: int
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        """Bytes of all files on the disk."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class ChatPlan:
    """Chat models to fetch, in order, on machines with at least ``from_memory`` bytes of memory."""

    from_memory: int
    models: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every known model by name, and the defaults."""

    models: Mapping[str, CatalogueModel]
    embed: str
    rerank: str
    chat_plans: tuple[ChatPlan, ...]

    def get(self, name: str) -> CatalogueModel:
        """The model of that name. Raises `NotFound`."""
        found = self.models.get(name)
        if found is None:
            raise NotFound(f"No model is called {name}.", hint="`basicchat models list` shows the names.")
        return found

    def defaults(self) -> frozenset[str]:
        """Every model that some machine fetches by itself."""
        chat = {name for plan in self.chat_plans for name in plan.models}
        return frozenset({self.embed, self.rerank} | chat)


def chat_plan(catalogue: Catalogue, memory: int) -> tuple[str, ...]:
    """Chat models to fetch, in order, on a machine with ``memory`` bytes: the quick one first, the best one last."""
    fitting = [plan for plan in catalogue.chat_plans if plan.from_memory <= memory]
    return max(fitting, key=lambda plan: plan.from_memory).models if fitting else ()


def best_chat(catalogue: Catalogue, installed: Collection[str], memory: int) -> str | None:
    """The best installed chat model for a machine with ``memory`` bytes, None where none fits.

    A fixture counts as the last choice. One that does not fit is never taken, as it would bring the machine to a crawl.
    """
    fitting = [
        model
        for name, model in catalogue.models.items()
        if name in installed and model.quality > 0 and model.memory <= memory * SHARE
    ]
    return max(fitting, key=lambda model: (model.quality, model.name)).name if fitting else None


def load_catalogue(file: Path | None = None) -> Catalogue:
    """Read a catalogue, the shipped one unless told otherwise. Raises `InvalidInput` for one that makes no sense."""
    packaged = resources.files(__package__).joinpath("catalogue.toml")
    try:
        data = tomllib.loads((file or packaged).read_text(encoding="utf-8"))
        models = {entry["name"]: _model(entry) for entry in data["model"]}
        defaults = data["defaults"]
        plans = tuple(ChatPlan(plan["from_memory"], tuple(plan["models"])) for plan in defaults.get("chat", ()))
        catalogue = Catalogue(models=models, embed=defaults["embed"], rerank=defaults["rerank"], chat_plans=plans)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInput(f"The catalogue of models cannot be read: {error}.") from error
    if unknown := catalogue.defaults() - models.keys():
        raise InvalidInput(f"The catalogue's defaults name models that it does not hold: {', '.join(sorted(unknown))}.")
    return catalogue


def _model(entry: Mapping[str, Any]) -> CatalogueModel:
    if not NAME.fullmatch(entry["name"]) or entry["role"] not in get_args(ModelRole):
        raise ValueError(f"bad name or role: {entry['name']}, {entry['role']}")
    return CatalogueModel(
        name=entry["name"],
        role=entry["role"],
        title=entry["title"],
        licence=entry["licence"],
        upstream=entry["upstream"],
        memory=int(entry["memory"]),
        quality=int(entry.get("quality", 0)),
        files=tuple(_file(file) for file in entry["file"]),
        sources=tuple(_source(source) for source in entry.get("source", ())),
    )


def _file(entry: Mapping[str, Any]) -> ModelFile:
    path = PurePosixPath(entry["path"])
    if path.is_absolute() or ".." in path.parts or "\\" in entry["path"] or ":" in entry["path"] or not path.parts:
        raise ValueError(f"bad path: {entry['path']}")
    if not SHA256.fullmatch(entry["sha256"]) or entry["size"] <= 0:
        raise ValueError(f"bad digest or size of {entry['path']}")
    return ModelFile(path=str(path), sha256=entry["sha256"], size=int(entry["size"]))


def _source(entry: Mapping[str, Any]) -> Source:
    if "hub" in entry:
        return HubRepository(entry["hub"], entry.get("revision", "main"), dict(entry.get("files", {})))
    carrier = Carrier(
        package=entry["carrier"],
        version=entry["version"],
        parts=int(entry.get("parts", 1)),
        folder=entry.get("folder", ""),
        members=dict(entry.get("members", {})),
        download=int(entry.get("download", 0)),
    )
    carrier.package_of(1)
    return carrier
