"""The embedded model server as the rest of the program sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from basicchat.adapters.llm.connection import Endpoint, OllamaOptions
from basicchat.adapters.llm.embedded.gguf import read_model_file
from basicchat.adapters.llm.embedded.process import PROVIDER, ServerProcess
from basicchat.adapters.llm.ollama import OllamaChatModel, OllamaServer
from basicchat.core.types import ModelInfo, Progress


class EmbeddedServer:
    """Local models without Ollama: minds a process that speaks Ollama's API, and is its client.

    ``models`` maps names to GGUF files and may grow while the server runs. The process starts with the first call
    that needs it, starts again when it died, and ends with `close` or with this program, whichever comes first.
    ``threads`` 0 leaves one core free. What llama.cpp says goes to ``log_file``.
    """

    def __init__(
        self,
        models: Mapping[str, Path],
        *,
        threads: int = 0,
        window: int = 8192,
        log_file: Path | None = None,
        options: OllamaOptions | None = None,
    ) -> None:
        threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._models = models
        self._process = ServerProcess(models, threads=threads, window=window, log_file=log_file)
        # The connection is to this machine, but a process that loads a model does not accept calls meanwhile.
        self._options = options or OllamaOptions(connect_seconds=5.0, window=window)
        self._server = OllamaServer(self._process, options=self._options, provider=PROVIDER)

    @property
    def provider(self) -> str:
        """``embedded``."""
        return PROVIDER

    @property
    def client(self) -> OllamaServer:
        """The client of its API, the very one that talks to a real Ollama."""
        return self._server

    def endpoint(self) -> Endpoint:
        """Where the process answers, and its token. Starts it. Raises `ProviderUnavailable`."""
        return self._process.endpoint()

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._process.pid

    def version(self) -> str:
        """The server's version; starts the process. Raises `ProviderUnavailable`."""
        return self._server.version()

    def models(self) -> list[ModelInfo]:
        """Models whose files are there. Read from the files: no process is needed to list them."""
        return [self._describe(name, path) for name, path in sorted(self._models.items()) if path.is_file()]

    def _describe(self, name: str, path: Path) -> ModelInfo:
        file = read_model_file(path)
        window = min(self._options.window, file.trained_window or self._options.window)
        return ModelInfo(name, PROVIDER, window, file.digest, file.size, frozenset(file.capabilities))

    def loaded(self) -> list[str]:
        """Names of the models in memory; none while no process runs."""
        return self._server.loaded() if self._process.running else []

    def chat_model(self, name: str) -> OllamaChatModel:
        """A model of this server."""
        return self._server.chat_model(name)

    def embed(self, name: str, texts: Sequence[str]) -> list[Sequence[float]]:
        """One vector a text, in order."""
        return self._server.embed(name, texts)

    def pull(self, name: str) -> Iterator[Progress]:
        """Success for a model that is there; others are fetched by the model store."""
        return self._server.pull(name)

    def close(self) -> None:
        """Stop the process."""
        self._server.close()
        self._process.close()
