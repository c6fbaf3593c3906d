"""An embedder served by Ollama."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import numpy as np

from basicchat.core.errors import BadReply, NotFound, ProviderError, ProviderTimeout, ProviderUnavailable
from basicchat.core.protocols import Vector

if TYPE_CHECKING:
    from ollama import Client

PROVIDER = "ollama"
BATCH = 16  # texts a request: short enough to stop between them, long enough to hide the round trip
PIECE = re.compile(r"\w{1,6}|[^\w\s]")


class OllamaEmbedder:
    """Unit vectors from an embedding model of an Ollama server. Asks the server at its first use.

    ``query_prefix`` is what the model wants before a question, ``keep_alive`` how long the server keeps it in memory.
    """

    def __init__(
        self, url: str, model: str, *, query_prefix: str = "", max_tokens: int = 512, keep_alive: str = "30m",
        timeout: float = 120.0,
    ) -> None:  # fmt: skip
        self._url = url
        self._model = model
        self._query_prefix = query_prefix
        self._max_tokens = max_tokens
        self._keep_alive = keep_alive
        self._timeout = timeout

    @cached_property
    def name(self) -> str:
        """The model's name and the start of its digest, as the server gives them. Raises `NotFound`."""
        wanted = {self._model, f"{self._model}:latest"}
        with self._translated():
            for model in self._client.list().models:
                if model.model in wanted:
                    return f"{self._model}@{(model.digest or 'unknown').removeprefix('sha256:')[:12]}"
        raise NotFound(f"Ollama has no model {self._model}.", hint=f"Fetch it with: ollama pull {self._model}")

    @cached_property
    def dimension(self) -> int:
        """Length of every vector; asks for one."""
        return len(self.embed_query("dimension"))

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that count, as configured; the server cuts the rest."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """About the tokens of each text: Ollama counts none. Pieces of words of at most 6 letters, and signs."""
        return [len(PIECE.findall(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector a text, in order, as rows of a float32 array. Raises `ProviderError`."""
        rows: list[Sequence[float]] = []
        for start in range(0, len(texts), BATCH):
            rows += self._embed(texts[start : start + BATCH])
        if not rows:
            return []
        matrix = np.asarray(rows, dtype=np.float32)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        if not np.isfinite(matrix).all() or not lengths.all():
            raise BadReply("Ollama sent vectors without a direction.", provider=PROVIDER, model=self._model)
        return cast(Sequence[Vector], matrix / lengths)

    def embed_query(self, text: str) -> Vector:
        """The unit vector to search with."""
        return self.embed_passages([self._query_prefix + text])[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        given = [text or " " for text in texts]  # the server leaves empty texts out
        with self._translated():
            rows = self._client.embed(self._model, given, truncate=True, keep_alive=self._keep_alive).embeddings
        if len(rows) != len(texts) or len({len(row) for row in rows}) != 1:
            raise BadReply("Ollama sent other vectors than asked for.", provider=PROVIDER, model=self._model)
        return rows

    @cached_property
    def _client(self) -> Client:
        from ollama import Client

        return Client(host=self._url, timeout=self._timeout)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from httpx import HTTPError, TimeoutException
        from ollama import ResponseError
        from pydantic import ValidationError

        try:
            yield
        except TimeoutException as error:
            raise ProviderTimeout("Ollama does not answer in time.", provider=PROVIDER, model=self._model) from error
        except (ConnectionError, HTTPError) as error:
            raise ProviderUnavailable(
                f"Ollama does not answer at {self._url}.", provider=PROVIDER, model=self._model
            ) from error
        except ResponseError as error:
            if error.status_code == 404:
                raise NotFound(
                    f"Ollama has no model {self._model}.", hint=f"Fetch it with: ollama pull {self._model}"
                ) from error
            raise ProviderError(f"Ollama refused: {error.error}", provider=PROVIDER, model=self._model) from error
        except (ValidationError, ValueError) as error:
            raise BadReply("Ollama's answer is not understood.", provider=PROVIDER, model=self._model) from error
