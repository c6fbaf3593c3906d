"""From a question in its conversation to the texts to search with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from basicchat.core.errors import BasicChatError, Cancelled
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message
from basicchat.reason.rewrite.by_model import imagined, rewritten
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.reason.rewrite.parts import parts
from basicchat.reason.rewrite.standalone import leans, stand_alone
from basicchat.reason.rewrite.topics import turns
from basicchat.resilience.deadline import Deadline


@dataclass(frozen=True)
class Plan:
    """Texts to search with. The first is the question, made to stand alone; ``warnings`` say what a model failed at."""

    texts: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """The question as it is understood."""
        return self.texts[0]


def plan(
    question: str,
    history: Sequence[Message],
    *,
    config: RewriteConfig,
    model: Callable[[], ChatModel | None],
    deadline: Deadline,
) -> Plan:
    """What to search with, by ``config``. ``model`` is asked for only where a step wants one.

    A step whose model is not there, fails, or is too slow is left out: a follow-up then stands by the rules.
    Raises `Cancelled`.
    """
    asking = _Asking(model, deadline, config.model_seconds)
    understood = question.strip()
    if config.follow_ups != "off":
        understood = stand_alone(question, history, rules=config.rules)
    before = turns(history)[-config.rules.turns :]
    if config.follow_ups == "model" and before and leans(question, before, rules=config.rules):
        understood = asking.line(lambda chat, until: rewritten(chat, question, history, deadline=until)) or understood
    texts = [understood, *(parts(understood) if config.decompose else ())]
    if config.hypothetical:
        passage = asking.line(lambda chat, until: imagined(chat, understood, deadline=until))
        texts += [f"{understood} {passage}"] if passage else []
    return Plan(tuple(dict.fromkeys(texts)), tuple(asking.warnings))


class _Asking:
    """Asks a model for a line within its time; what goes wrong becomes a warning and no line."""

    def __init__(self, model: Callable[[], ChatModel | None], deadline: Deadline, seconds: float) -> None:
        self._model = model
        self._deadline = deadline
        self._seconds = seconds
        self.warnings: list[str] = []

    def line(self, ask: Callable[[ChatModel, Deadline], str]) -> str:
        chat = self._model()
        if chat is None:
            return ""
        try:
            return ask(chat, Deadline.after(min(self._seconds, self._deadline.remaining())))
        except Cancelled:
            raise
        except BasicChatError as error:
            self._deadline.check()
            self.warnings.append(f"The model did not help with the search: {error}")
            return ""
