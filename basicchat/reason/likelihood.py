"""How likely a chat model finds it that passages hold the answer: one token, read before it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from basicchat.core.protocols import ChatModel
from basicchat.core.types import GenerationOptions, Message
from basicchat.reason.context import Prompt
from basicchat.reason.gate import asked_models
from basicchat.reason.prompts import direct
from basicchat.reason.task import Task
from basicchat.resilience.deadline import Deadline

TOLD = 20  # tokens; what is not among them is as good as impossible
_YES, _NO = "yes", "no"


def answer_likelihood(model: ChatModel, prompt: Prompt, *, window: int, deadline: Deadline) -> float | None:
    """The probability, from 0 to 1, that ``model`` says yes rather than no when asked about the passages.

    The messages are those of the prompt up to the question, so that a server that keeps what it read reads passages
    once for this and for the answer. None where the server does not tell, or neither word came to the model's mind.
    Raises `DeadlineExceeded`, `Cancelled` and `ProviderError`.
    """
    options = GenerationOptions(window, max_tokens=1, alternatives=TOLD)
    told: Sequence[tuple[str, float]] = ()
    for delta in model.stream(asking(prompt.messages), options=options):
        deadline.check()
        told = told or delta.alternatives
    return yes_rather_than_no(told)


def says_so(task: Task, model: ChatModel, prompt: Prompt, *, window: int) -> bool:
    """Whether a model that was asked first finds yes likely enough for the strictness of the task.

    True without asking where that is turned off, or where nobody measured that this model can tell; true also where
    its server does not tell. Raises what `answer_likelihood` raises.
    """
    least = asked_models().get(model.info().name.removesuffix(":latest")) if task.config.ask_model_first else None
    if least is None:
        return True
    likelihood = answer_likelihood(model, prompt, window=window, deadline=task.deadline)
    return likelihood is None or likelihood >= least[task.gate.strictness]


def asking(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages of an answering prompt, with another last line."""
    *before, last = messages
    return (*before, replace(last, content=direct.asked_for_yes_or_no(last.content)))


def yes_rather_than_no(alternatives: Sequence[tuple[str, float]]) -> float | None:
    """The share of yes in what yes and no have together, in any case and with a space before; None without either."""
    likely = {word: sum(math.exp(log) for token, log in alternatives if _word(token) == word) for word in (_YES, _NO)}
    whole = sum(likely.values())
    return likely[_YES] / whole if whole else None


def _word(token: str) -> str:
    return token.strip().lower()
