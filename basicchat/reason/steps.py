"""The steps of one answer: told as they happen, counted against a budget, and what a model says in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from basicchat.core.errors import BadReply, BasicChatError, BudgetSpent
from basicchat.core.events import Event, Stepped, Thought
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Json, Message, Step, Usage
from basicchat.reason.generate import stopping
from basicchat.resilience.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from basicchat.reason.task import Task

T = TypeVar("T")

LEAST_TOKENS = 16  # of a reply; with fewer left there is no use in asking
LONGEST_DETAIL = 600  # characters of what a step came to, as it is shown


@dataclass(frozen=True)
class Manner:
    """How a model is to say something: at most ``tokens`` of it, and how freely."""

    tokens: int
    temperature: float = 0.0
    seed: int = 0
    schema: Mapping[str, Json] | None = None


class Steps:
    """The steps of one answer. `taken` are their last states in order, `usage` is what models wrote in them."""

    def __init__(self, task: Task, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._task = task
        self._budget = task.config.budget
        self._clock = clock
        self._deadline = Deadline.after(self._budget.seconds, clock=clock)
        self._steps: dict[str, Step] = {}
        self._written = 0
        self._read = 0

    @property
    def taken(self) -> tuple[Step, ...]:
        """Every step as it stands now."""
        return tuple(self._steps.values())

    @property
    def usage(self) -> Usage:
        """Tokens that models read and wrote in the steps."""
        return Usage(prompt_tokens=self._read, completion_tokens=self._written)

    @property
    def full(self) -> bool:
        """Whether no further step may be taken."""
        return len(self._steps) >= self._budget.steps

    @property
    def tokens_left(self) -> int:
        """Tokens that models may still write."""
        return self._budget.tokens - self._written

    def run(
        self, title: str, work: Generator[Event, None, T], *, detail: Callable[[T], str] | None = None
    ) -> Generator[Event, None, T]:
        """Do ``work`` as a step and give its result; ``detail`` puts that into words.

        Raises `BudgetSpent` before the step, and what ``work`` raises, after saying that the step failed.
        """
        self.check()
        step = self._next(title)
        began, before = self._clock(), self._written
        yield self._tell(step)

        def ended(step: Step) -> Stepped:
            return self._tell(replace(step, seconds=self._clock() - began, tokens=self._written - before))

        try:
            value = yield from work
        except BasicChatError as error:
            yield ended(replace(step, status="failed", detail=str(error)))
            raise
        yield ended(replace(step, status="done", detail=_shown(detail(value)) if detail else ""))
        return value

    def note(self, title: str, *, detail: str = "", skipped: bool = False) -> Stepped:
        """A step that is over as soon as it is known, or that was left out. Raises `BudgetSpent`."""
        self.check()
        return self._tell(replace(self._next(title), status="skipped" if skipped else "done", detail=_shown(detail)))

    def say(self, model: ChatModel, messages: Sequence[Message], manner: Manner) -> Generator[Event, None, str]:
        """What a model replies. Its thinking is told as `Thought`; closing stops it.

        Raises `BudgetSpent`, `DeadlineExceeded`, `ProviderError`, and `BadReply` for nothing.
        """
        parts: list[str] = []
        with closing(self.deltas(model, messages, manner)) as deltas:
            for delta in deltas:
                if delta.thinking:
                    yield Thought(delta.thinking)
                parts.append(delta.text)
        text = "".join(parts).strip()
        if not text:
            info = model.info()
            raise BadReply("The model said nothing.", provider=info.provider, model=info.name)
        return text

    def deltas(self, model: ChatModel, messages: Sequence[Message], manner: Manner) -> Generator[Delta]:
        """The reply of a model piece by piece, within the budget. Raises as `say` does, but for an empty reply."""
        self._in_time()
        if self.tokens_left < LEAST_TOKENS:
            raise BudgetSpent(f"The models wrote {self._written} tokens, and {self._budget.tokens} are allowed.")
        options = GenerationOptions(
            window=model.info().context_window,
            max_tokens=min(manner.tokens, self.tokens_left),
            temperature=manner.temperature,
            seed=manner.seed,
        )
        with stopping(model.stream(messages, options=options, schema=manner.schema)) as stream:
            pieces = 0
            for delta in stream:
                self._in_time()
                pieces += bool(delta.text)
                if delta.done:
                    self._spend(delta.usage, pieces)
                yield delta

    def add(self, usage: Usage) -> None:
        """Count what a model read and wrote elsewhere for this answer."""
        self._spend(usage, 0)

    def check(self) -> None:
        """Raise `BudgetSpent` where there are no steps or seconds left, `DeadlineExceeded` or `Cancelled`."""
        self._in_time()
        if self.full:
            raise BudgetSpent(f"{self._budget.steps} steps were taken, and no more are allowed.")

    def _in_time(self) -> None:
        self._task.deadline.check()
        if self._deadline.remaining() <= 0:
            raise BudgetSpent(f"The steps took {self._budget.seconds:.0f} seconds, and no more are allowed.")

    def _spend(self, usage: Usage | None, pieces: int) -> None:
        """Count a reply; a server that tells no tokens is believed to send one a piece."""
        told = usage or Usage()
        self._written += told.completion_tokens if told.completion_tokens is not None else pieces
        self._read += told.prompt_tokens or 0

    def _next(self, title: str) -> Step:
        return Step(str(len(self._steps) + 1), title)

    def _tell(self, step: Step) -> Stepped:
        self._steps[step.id] = step
        return Stepped(step)


def _shown(text: str) -> str:
    text = text.strip()
    return text if len(text) <= LONGEST_DETAIL else f"{text[: LONGEST_DETAIL - 1].rstrip()}…"
