"""Messages that fit the model's real window: instructions, what was said before, passages, the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.errors import QueryTooLong
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message, Passage
from basicchat.reason.prompts import chat as chat_prompt
from basicchat.reason.prompts import direct as direct_prompt
from basicchat.reason.prompts.direct import defused

LEAST_REPLY = 64  # tokens: room for a sentence and its numbers
LEAST_PASSAGES = 64  # tokens
REPLY_SHARE = 3  # a reply may take at most a third of a small window
HISTORY_SHARE = 4  # what was said before takes at most a quarter of what is left
ESTIMATE_MARGIN = 10  # an estimated count may be this many per cent too low


@dataclass(frozen=True)
class Prompt:
    """What is sent. ``tokens`` is our count of it, ``exact`` says whether a real tokenizer counted."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    tokens: int
    exact: bool
    reply_tokens: int


@dataclass(frozen=True)
class Room:
    """How many tokens of a window are for what."""

    window: int
    reply: int

    @property
    def prompt(self) -> int:
        """Tokens that the whole prompt may take."""
        return self.window - self.reply


def room(window: int, *, max_tokens: int) -> Room:
    """Keep room for the reply: ``max_tokens``, but no more than a third of the window."""
    return Room(window, max(min(max_tokens, window // REPLY_SHARE), LEAST_REPLY))


def count(model: ChatModel, messages: Sequence[Message]) -> tuple[int, bool]:
    """Tokens of a prompt, never too few: an estimate gets a margin. Also whether it is exact."""
    counted = model.count_tokens(messages)
    if counted.exact:
        return counted.tokens, True
    return counted.tokens + -(-counted.tokens * ESTIMATE_MARGIN // 100), False


def passage_budget(model: ChatModel, question: str, *, space: Room) -> int:
    """Tokens left for passages beside instructions and question. Raises `QueryTooLong` when they are too few to use."""
    bare, _ = count(model, _direct_messages(question, (), ()))
    if bare + LEAST_PASSAGES > space.prompt:
        raise QueryTooLong(f"The question takes {bare} tokens; this model has room for {space.prompt}.")
    return space.prompt - bare


def direct_prompt_for(
    model: ChatModel, question: str, *, passages: Sequence[Passage], history: Sequence[Message], space: Room
) -> Prompt:
    """The prompt of direct mode. Passages are dropped from the end until it fits, then earlier messages go first.

    Raises `QueryTooLong` when the question and one passage do not fit.
    """
    kept = tuple(passages)
    while True:
        tokens, exact = count(model, _direct_messages(question, kept, ()))
        if tokens <= space.prompt:
            break
        if len(kept) <= 1:
            raise QueryTooLong(f"Question and passage take {tokens} tokens; this model has room for {space.prompt}.")
        kept = kept[:-1]
    before = recent(model, history, budget=(space.prompt - tokens) // HISTORY_SHARE)
    if before:
        tokens, exact = count(model, _direct_messages(question, kept, before))
        if tokens > space.prompt:
            before = ()
            tokens, exact = count(model, _direct_messages(question, kept, ()))
    return Prompt(_direct_messages(question, kept, before), kept, tokens, exact, space.reply)


def chat_prompt_for(model: ChatModel, question: str, *, history: Sequence[Message], space: Room) -> Prompt:
    """The prompt of chat mode: as much of the newest history as fits. Raises `QueryTooLong`."""
    system = Message("system", chat_prompt.SYSTEM)
    last = Message("user", defused(question))
    bare, _ = count(model, (system, last))
    if bare > space.prompt:
        raise QueryTooLong(f"The question takes {bare} tokens; this model has room for {space.prompt}.")
    before = recent(model, history, budget=space.prompt - bare)
    while True:
        messages = (system, *before, last)
        tokens, exact = count(model, messages)
        if tokens <= space.prompt or not before:
            return Prompt(messages, (), tokens, exact, space.reply)
        before = _from_a_question(before[1:])


def recent(model: ChatModel, history: Sequence[Message], *, budget: int) -> tuple[Message, ...]:
    """The newest messages of user and assistant that fit ``budget`` tokens, beginning with one of the user."""
    kept: list[Message] = []
    left = budget
    for message in reversed([message for message in history if message.role in ("user", "assistant")]):
        tokens, _ = count(model, (message,))
        if tokens > left:
            break
        left -= tokens
        kept.insert(0, Message(message.role, defused(message.content)))
    return _from_a_question(tuple(kept))


def _from_a_question(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    while messages and messages[0].role != "user":
        messages = messages[1:]
    return messages


def _direct_messages(question: str, passages: Sequence[Passage], history: Sequence[Message]) -> tuple[Message, ...]:
    return (
        Message("system", direct_prompt.SYSTEM),
        *history,
        Message("user", direct_prompt.user(question, passages)),
    )
