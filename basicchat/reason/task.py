"""What a mode works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message, Scope, ToolCall
from basicchat.reason.budget import Budget
from basicchat.reason.gate import Gate, Strictness
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.reason.specialists import Specialist
from basicchat.resilience.deadline import Deadline
from basicchat.retrieve.pipeline import Retriever
from basicchat.telemetry.trace import Recorder
from basicchat.toolbox import Toolbox


@dataclass(frozen=True)
class AnswerRequest:
    """A question and how to answer it. ``model`` None takes the one in use; ``history`` is oldest first.

    ``fresh`` asks for an answer that is made now, where an earlier one could be given again. ``specialist`` says in
    whose manner to answer.
    ``strictness`` None is that of `AnswerConfig.gate`. ``allowed`` are calls of tools that a person said yes to, for
    this question: exactly these, with exactly these arguments.
    """

    question: str
    mode: str = "auto"
    scope: Scope = field(default_factory=Scope)
    model: str | None = None
    history: tuple[Message, ...] = ()
    fresh: bool = False
    specialist: Specialist | None = None
    strictness: Strictness | None = None
    allowed: tuple[ToolCall, ...] = ()


@dataclass(frozen=True)
class AnswerConfig:
    """How answers are made. ``passage_tokens`` bounds what a model must read before its first word,
    and a follow-up keeps the passages that were read before it while its prompt has at most ``conversation_tokens``.

    ``readings`` is how many perspectives a debate has, and ``budget`` bounds every way of several steps.
    ``ask_model_first`` lets a model say whether the passages answer the question, if ``gate.json`` knows it.
    """

    top_k: int = 8
    max_tokens: int = 512
    temperature: float = 0.0
    deadline_seconds: float = 300.0
    passage_tokens: int = 1200
    conversation_tokens: int = 4096
    readings: int = 3
    budget: Budget = field(default_factory=Budget)
    gate: Gate = field(default_factory=Gate)
    ask_model_first: bool = False
    rewrite: RewriteConfig = field(default_factory=RewriteConfig)


@dataclass(frozen=True)
class Task:
    """One question on its way to an answer; ``tools`` None for an engine without any. ``recorder`` hears all."""

    request: AnswerRequest
    config: AnswerConfig
    retriever: Retriever
    models: Callable[[str | None], ChatModel | None]
    tools: Toolbox | None = None
    started: float = field(default_factory=time.monotonic)
    recorder: Recorder = field(default_factory=Recorder)

    @cached_property
    def gate(self) -> Gate:
        """How likely an answer must be, as strict as was asked for."""
        return replace(self.config.gate, strictness=self.request.strictness or self.config.gate.strictness)

    @cached_property
    def model(self) -> ChatModel | None:
        """The model to use, asked for once and only when a mode wants it."""
        found = self.models(self.request.model)
        return None if found is None else self.recorder.watched(found)

    @property
    def manner(self) -> str:
        """The lines of the specialist, to stand behind the instructions of a prompt; empty without one."""
        return self.request.specialist.prompt if self.request.specialist else ""

    @property
    def elapsed(self) -> float:
        """Seconds since the question came."""
        return time.monotonic() - self.started

    @cached_property
    def deadline(self) -> Deadline:
        """When the answer must be whole."""
        return Deadline(self.started + self.config.deadline_seconds)
