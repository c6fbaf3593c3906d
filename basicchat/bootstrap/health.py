"""How the whole stands: the sentences of the Status page, and the doctor's checks of models and servers."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from basicchat.adapters.models.files import ModelFiles
from basicchat.bootstrap.parts import model_of
from basicchat.core.protocols import Store
from basicchat.core.types import Check
from basicchat.service.doctor import Doctor
from basicchat.service.providers import ChatProviders
from basicchat.service.reindexing import Reindexing
from basicchat.service.status import ServerStatus, Status
from basicchat.settings import Settings
from basicchat.telemetry.egress import EgressLedger, watch_egress

SHOWN_PACKAGES = ("basicchat", "streamlit", "chromadb", "ollama", "onnxruntime", "xllamacpp", "pypdfium2", "sqlalchemy")

LEAST_OLLAMA = (0, 35, 0)
"""Older servers can be made to write outside their folder by a pull (CVE-2026-103663)."""


@dataclass(frozen=True)
class SystemHealth:
    """Looks at every part of a running assistant."""

    settings: Settings
    store: Store
    providers: ChatProviders
    files: ModelFiles
    ledger: EgressLedger
    doctor_of_library: Doctor
    reindexing: Reindexing

    def status(self) -> Status:
        """How things stand, in sentences first. Asks the model servers anew."""
        self.providers.look_again()
        servers = self.providers.statuses()
        answering = self.providers.answering()
        with self.store.begin() as unit:
            documents, conversations = unit.documents.count(), len(unit.conversations.find())
        ready = self._embedder_ready()
        left = len(self._left_today())
        return Status(
            sentences=tuple(_sentences(ready, answering.name if answering else "", servers, left)),
            ok=ready and answering is not None,
            answering=answering.name if answering else "",
            provider=answering.provider if answering else "",
            servers=servers,
            documents=documents,
            conversations=conversations,
            embedder=self.reindexing.status().active,
            reranker=self.settings.models.reranker,
            embedder_ready=ready,
            home=str(self.settings.home),
            left_this_machine=left,
            versions={"python": platform.python_version(), **{name: version(name) for name in SHOWN_PACKAGES}},
        )

    def doctor(self, *, repair: bool, deep: bool) -> list[Check]:
        """Every check of the library, the model files and the servers."""
        return self.doctor_of_library.examine(repair=repair, deep=deep)

    def _embedder_ready(self) -> bool:
        return not self.reindexing.status().trouble

    def _left_today(self) -> list[str]:
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        asked = [entry.host for entry in self.ledger.kept(since=midnight)]
        return asked + [attempt.host for attempt in watch_egress().unaccounted(since=midnight)]


def _sentences(ready: bool, model: str, servers: Sequence[ServerStatus], left: int) -> list[str]:
    first = "Everything works." if ready and model else "Almost everything works." if ready else "Not ready yet."
    said = [first]
    if not ready:
        said.append("The model that finds passages is missing: fetch it in Settings.")
    if model:
        said.append(f"Answers come from {model} on this machine.")
    else:
        said.append("There is no chat model yet, so answers are quotes from your documents.")
    waiting = [server for server in servers if server.breaker == "open"]
    said += [f"{server.provider} failed lately and is tried again in {server.retry_in:.0f} s." for server in waiting]
    times = "once" if left == 1 else f"{left} times"
    said.append(
        f"Model files were asked for over the network {times} today." if left else "Nothing left this machine today."
    )
    return said


def model_checks(settings: Settings, files: ModelFiles) -> list[Check]:
    """Whether the model files that are wanted are there and whole."""
    if settings.profile == "fake":
        return []
    names = (model_of(settings.models.embedder), settings.models.reranker)
    return [_model_check(name, files) for name in names if name]


def _model_check(name: str, files: ModelFiles) -> Check:
    title = f"model {name}"
    if name not in files.installed():
        return Check(title, False, "not installed", f"Run `basicchat models pull {name}`.")
    wrong = [file.path for file in files.verify(name) if file.state in {"wrong", "missing"}]
    if wrong:
        again = f"Run `basicchat models remove {name}`, then `basicchat models pull {name}`."
        return Check(title, False, f"damaged: {', '.join(wrong)}", again)
    return Check(title, True, "installed and whole")


def server_checks(settings: Settings, providers: ChatProviders) -> list[Check]:
    """Whether somebody can answer. A server that is merely absent is no fault as long as another one answers."""
    started = time.monotonic()
    statuses = providers.statuses()
    answering = providers.answering()
    took = time.monotonic() - started
    if answering is None:
        told = "; ".join(f"{status.provider}: {status.detail}" for status in statuses)
        return [
            Check("chat model", False, told or "turned off", "Run `basicchat models pull` with a chat model's name.")
        ]
    detail = f"{answering.name} of {answering.provider}, window {answering.context_window} tokens, {took:.1f} s"
    return [Check("chat model", True, detail), *_ollama_checks(settings, statuses)]


def _ollama_checks(settings: Settings, statuses: Sequence[ServerStatus]) -> list[Check]:
    shown = next((status for status in statuses if status.provider == "ollama" and status.ok), None)
    if shown is None or not shown.version:
        return []
    numbers = tuple(int(part) for part in shown.version.split("-")[0].split(".") if part.isdigit())
    ok = numbers >= LEAST_OLLAMA
    repair = "" if ok else "Update Ollama: this version has a known security hole."
    return [Check("ollama", ok, f"{shown.version} at {settings.ollama.url}", repair)]
