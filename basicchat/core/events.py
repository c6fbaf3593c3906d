"""What happens on the way to an answer, as typed values. Every interface renders these same events.

A stream of events ends with exactly one `Finished` or `Failed`; nothing follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from basicchat.core.errors import BasicChatError, error_from
from basicchat.core.types import Answer, Hit, Json, Step


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages were looked for. ``queries`` are the texts really searched with, best hits first."""

    queries: tuple[str, ...]
    hits: tuple[Hit, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Thought:
    """The model thinks aloud, or the program says what it does next. Not part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step began or ended. The last event of an id tells how that step stands; none is left running at the end."""

    step: Step


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A tool is about to run."""

    call_id: str
    name: str
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool ran."""

    call_id: str
    name: str
    result: str
    seconds: float
    error: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalWanted:
    """A tool did not run, because a person must allow this very call first; ``reason`` says why.

    Whoever asks the question again with the call among those allowed lets it run.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Json]
    reason: str
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text. Every citation number in it is already known to resolve."""

    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Every sentence of the answer was checked against its passages."""

    supported: int
    total: int
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """There is no answer. ``code`` is stable; ``message`` says what happened, ``hint`` what to do next."""

    code: str
    message: str
    hint: str
    retryable: bool = False


Event = (
    Retrieved | Thought | Stepped | ToolCalled | ToolReturned | ApprovalWanted | Token | Verified | Finished | Failed
)


def answer_of(events: Iterable[Event]) -> Answer:
    """The answer that a stream of events ends with. Raises the error that a `Failed` stands for."""
    for event in events:
        if isinstance(event, Finished):
            return event.answer
        if isinstance(event, Failed):
            raise error_from(event.code, event.message, event.hint)
    raise BasicChatError("The answer ended before it was whole.", hint="Ask again.")
