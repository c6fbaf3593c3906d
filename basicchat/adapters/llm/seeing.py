"""Models that see: a question about a picture, put to the first model of an Ollama server that can."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from basicchat.adapters.llm.failures import translated
from basicchat.adapters.llm.ollama import OllamaServer
from basicchat.core.errors import DeadlineExceeded, DependencyMissing, ProviderError

MOST_TOKENS = 300
VISION = "vision"
"""The capability as Ollama calls it."""


class OllamaEyes:
    """Asks models of one server."""

    def __init__(self, server: OllamaServer) -> None:
        self._server = server

    def see(self, data: bytes, question: str, *, seconds: float) -> str:
        """What a model says about a picture.

        Raises `DependencyMissing` where no installed model sees, also where the server cannot be reached; then
        `ProviderError`, and `DeadlineExceeded` after ``seconds``.
        """
        try:
            name = next((each.name for each in self._server.models() if VISION in each.capabilities), "")
        except ProviderError as error:
            raise DependencyMissing("A model that sees", hint=f"Ollama cannot be asked: {error}") from error
        if not name:
            raise DependencyMissing("A model that sees", hint="Fetch one, for example with: ollama pull moondream")
        return "".join(self._words(name, data, question, time.monotonic() + seconds)).strip()

    def _words(self, name: str, data: bytes, question: str, ends: float) -> Iterator[str]:
        messages: list[dict[str, Any]] = [{"role": "user", "content": question, "images": [data]}]
        options = {"temperature": 0, "num_predict": MOST_TOKENS, "num_ctx": self._server.options.window}
        server = self._server
        with translated(provider=server.provider, model=name, lost=server.lost):
            for part in server.connection().client.chat(name, messages, options=options, stream=True):
                if time.monotonic() > ends:
                    raise DeadlineExceeded("The model takes too long over the picture.", hint="Try a smaller one.")
                yield part.message.content or ""
