"""Several drafts of one answer: made over the same passages, scored by what the passages bear out, compared."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from basicchat.core.events import Event, Token
from basicchat.core.types import Passage
from basicchat.reason.alike import alike
from basicchat.reason.context import Prompt
from basicchat.reason.modes.stepping import Desk
from basicchat.reason.prompts import answering
from basicchat.reason.steps import Manner
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check


@dataclass(frozen=True)
class Draft:
    """An answer that nobody saw yet; empty where its reader declined."""

    text: str

    @property
    def words(self) -> str:
        """What a step shows of it."""
        return self.text or "The passages do not say."


def prompt_over(desk: Desk, passages: Sequence[Passage], *, brief: str = "") -> Prompt:
    """The prompt of a draft. All of one answer have the same passages in the same order."""
    return desk.fitted(
        lambda kept: answering.messages(desk.question, kept, brief=brief, manner=desk.task.manner), passages
    )


def draft(
    desk: Desk, prompt: Prompt, *, tokens: int, seed: int = 0, warmth: float = 0.0
) -> Generator[Event, None, Draft]:
    """Let the model write a draft."""
    reply = yield from desk.drafted(prompt, Manner(tokens, temperature=warmth, seed=seed))
    return Draft("" if reply.declined else reply.text.strip())


def score(text: str, others: Sequence[str], passages: Sequence[Passage], *, question: str) -> float:
    """How good a draft is, from 0 to 1, without asking a model.

    Over passages: the share of its sentences that they bear out. Without: how much the other drafts agree with it.
    """
    if not text:
        return 0.0
    if passages:
        sentences = check(text, Grounds(passages, question=question))
        return sum(each.verdict != "unsupported" for each in sentences) / len(sentences) if sentences else 0.0
    return sum(alike(text, other, question=question) for other in others) / len(others) if others else 0.0


def shown(desk: Desk, prompt: Prompt, text: str, *, mode: str, beside: str = "") -> Iterator[Event]:
    """Answer with a draft, and with what is to be said ``beside`` it. Its citations resolve as everywhere."""
    reply = desk.reply(prompt.passages)
    if piece := reply.feed(f"{text}\n\n{beside}" if beside else text) + reply.close():
        yield Token(piece)
    yield from desk.concluded(prompt, reply, mode=mode)
