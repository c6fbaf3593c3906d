"""A conversation as the model read it, so that a server that keeps what it read reads only what is new.

A follow-up repeats the prompt of the turn before word for word, then its reply, and adds the passages that were not
there yet and the question. Passages keep their numbers for as long as that goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from basicchat.core.types import Hit, Message, Passage
from basicchat.reason.prompts import direct as direct_prompt
from basicchat.reason.prompts.direct import defused


@dataclass(frozen=True)
class Exchange:
    """A question with the passages that were first shown with it, and what was replied."""

    question: str
    passages: tuple[Passage, ...]
    reply: str


@dataclass(frozen=True)
class Conversation:
    """Turns that go on from one another, the first with passages; none where there is nothing to go on from."""

    exchanges: tuple[Exchange, ...] = ()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Everything shown so far, numbered from 1."""
        return tuple(passage for exchange in self.exchanges for passage in exchange.passages)

    @property
    def messages(self) -> Iterator[Message]:
        """The turns as they stand in a prompt."""
        for exchange in self.exchanges:
            yield Message("user", direct_prompt.user(exchange.question, exchange.passages))
            yield Message("assistant", defused(exchange.reply))

    def split(self, hits: Sequence[Hit], *, budget: int, count: Callable[[str], int]) -> tuple[list[Hit], int]:
        """The hits that were not shown yet, and how many tokens of the budget are for them.

        Hits that were shown count too, in their rank: a follow-up has the passages that it would have by itself.
        """
        shown = {chunk for passage in self.passages for chunk in passage.chunk_ids}
        fresh: list[Hit] = []
        left, spared = budget, budget
        for hit in hits:
            cost = count(hit.chunk.text)
            if cost > left and left < budget:
                break
            left -= cost
            if hit.chunk.id in shown:
                spared -= min(cost, spared)
            else:
                fresh.append(hit)
        return fresh, spared

    def numbered(self, fresh: Sequence[Passage]) -> tuple[Passage, ...]:
        """Passages that come now, with the numbers that follow."""
        before = len(self.passages)
        return tuple(replace(passage, number=before + passage.number) for passage in fresh)


def conversation(history: Sequence[Message]) -> Conversation:
    """The turns at the end of ``history`` that go on from one another.

    A turn goes on from the one before when all passages of that one are among its own, under the same numbers. Turns
    without passages belong to it; where passages begin anew, so does the conversation.
    """
    exchanges: list[Exchange] = []
    known: tuple[Passage, ...] = ()
    question: str | None = None
    for message in history:
        if message.role == "user":
            question = message.content
        elif message.role == "assistant" and question is not None:
            passages = message.passages
            if passages and passages[: len(known)] != known:
                exchanges, known = [], ()
            fresh = passages[len(known) :]
            if fresh or exchanges:
                exchanges.append(Exchange(question, fresh, message.content))
            known, question = (*known, *fresh), None
    return Conversation(tuple(exchanges))
