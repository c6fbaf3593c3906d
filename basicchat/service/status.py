"""How things stand, in sentences first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One model server. ``breaker`` is closed, open or half-open; ``retry_in`` is seconds until it is tried again."""

    provider: str
    ok: bool
    detail: str
    version: str = ""
    models: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    breaker: str = "closed"
    failures: int = 0
    retry_in: float = 0.0


@dataclass(frozen=True, slots=True)
class Status:
    """The whole picture. ``answering`` says who answers now: a model's name, or empty for quotes only."""

    sentences: tuple[str, ...]
    ok: bool
    answering: str
    provider: str
    servers: tuple[ServerStatus, ...]
    documents: int
    conversations: int
    embedder: str
    reranker: str
    embedder_ready: bool
    home: str
    left_this_machine: int
    versions: Mapping[str, str] = field(default_factory=dict)
