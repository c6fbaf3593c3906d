"""How kept answers were made, asked of the process that owns the library."""

from __future__ import annotations

from typing import Any, Protocol

from basicchat.core.codec import from_json
from basicchat.core.trace import Trace, TracedAnswer
from basicchat.core.types import Json


class Calls(Protocol):
    """Asks the owner."""

    def call(self, operation: str, **arguments: Any) -> Json:
        """What one operation gives."""


class RemoteTraces:
    """The traces of answers in kept conversations."""

    def __init__(self, client: Calls) -> None:
        self._client = client

    def answers(self, *, limit: int = 20) -> list[TracedAnswer]:
        """Answers with a trace, newest first."""
        return from_json(list[TracedAnswer], self._client.call("traces.answers", limit=limit))

    def get(self, answer_id: str) -> Trace:
        """The trace of an answer. Raises `NotFound` or `InvalidInput`."""
        return from_json(Trace, self._client.call("traces.get", answer_id=answer_id))
