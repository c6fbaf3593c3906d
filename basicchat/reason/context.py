"""Messages that fit the model's real window: instructions, what was said before, passages, the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from basicchat.core.errors import QueryTooLong
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message, Passage, Role, TokenCount
from basicchat.reason.continuing import Conversation
from basicchat.reason.prompts import chat as chat_prompt
from basicchat.reason.prompts import direct as direct_prompt
from basicchat.reason.prompts.direct import defused

USER: Role = "user"
ASSISTANT: Role = "assistant"
LEAST_REPLY = 64  # tokens: room for a sentence and its numbers
LEAST_PASSAGES = 64  # tokens
REPLY_SHARE = 3  # a reply may take at most a third of a small window
HISTORY_SHARE = 4  # what was said before takes at most a quarter of what is left
ESTIMATE_MARGIN = 10  # an estimated count may be this many per cent too low


@dataclass(frozen=True)
class Prompt:
    """What is sent, counted before it is; ``reply_tokens`` is what the reply may take."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    counted: TokenCount
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


def safe_count(counted: TokenCount) -> int:
    """Tokens to reckon with: an estimate gets a margin."""
    return counted.tokens if counted.exact else counted.tokens + -(-counted.tokens * ESTIMATE_MARGIN // 100)


def counting(model: ChatModel) -> Callable[[str], int]:
    """Counts the tokens of a text, to reckon with."""
    return lambda text: safe_count(model.count_tokens((Message(USER, text),)))


def passage_budget(model: ChatModel, question: str, *, space: Room, manner: str = "") -> int:
    """Tokens left for passages beside instructions and question. Raises `QueryTooLong` when they are too few to use."""
    bare = safe_count(model.count_tokens(_direct_messages(question, (), (), manner)))
    if bare + LEAST_PASSAGES > space.prompt:
        raise QueryTooLong(f"The question takes {bare} tokens; this model has room for {space.prompt}.")
    return space.prompt - bare


def direct_prompt_for(
    model: ChatModel,
    question: str,
    *,
    passages: Sequence[Passage],
    history: Sequence[Message],
    space: Room,
    manner: str = "",
) -> Prompt:
    """The prompt of direct mode. Passages are dropped from the end until it fits, and history gets a share of the rest.

    ``manner`` stands behind the instructions: lines of a specialist.
    Raises `QueryTooLong` when the question and one passage do not fit.
    """
    kept = tuple(passages)

    def direct(history: Sequence[Message]) -> Prompt:
        messages = _direct_messages(question, kept, history, manner)
        return Prompt(messages, kept, model.count_tokens(messages), space.reply)

    prompt = direct(())
    while safe_count(prompt.counted) > space.prompt:
        if len(kept) <= 1:
            tokens = safe_count(prompt.counted)
            raise QueryTooLong(f"Question and passage take {tokens} tokens; this model has room for {space.prompt}.")
        kept = kept[:-1]
        prompt = direct(())
    before = recent(model, history, budget=(space.prompt - safe_count(prompt.counted)) // HISTORY_SHARE)
    if not before:
        return prompt
    longer = direct(before)
    return longer if safe_count(longer.counted) <= space.prompt else prompt


def continued_prompt(
    model: ChatModel,
    question: str,
    *,
    before: Conversation,
    fresh: tuple[Passage, ...],
    space: Room,
    leans: bool = False,
    manner: str = "",
) -> Prompt:
    """The prompt of direct mode for a follow-up: passages as they were read, those not shown yet, the question.

    A question that ``leans`` on what was said has the last question and its reply before it. The prompt may be longer
    than the window: whoever asks for it looks at ``counted``.
    """
    passages = (*before.passages, *fresh)
    messages = _direct_messages(question, passages, (), manner, (before.last,) if leans else ())
    return Prompt(messages, passages, model.count_tokens(messages), space.reply)


def chat_prompt_for(model: ChatModel, question: str, *, history: Sequence[Message], space: Room) -> Prompt:
    """The prompt of chat mode: as much of the newest history as fits. Raises `QueryTooLong`."""
    system = Message("system", chat_prompt.SYSTEM)
    last = Message("user", defused(question))
    bare = safe_count(model.count_tokens((system, last)))
    if bare > space.prompt:
        raise QueryTooLong(f"The question takes {bare} tokens; this model has room for {space.prompt}.")
    before = recent(model, history, budget=space.prompt - bare)
    while True:
        messages = (system, *before, last)
        counted = model.count_tokens(messages)
        if safe_count(counted) <= space.prompt or not before:
            return Prompt(messages, (), counted, space.reply)
        before = _from_a_question(before[1:])


def recent(model: ChatModel, history: Sequence[Message], *, budget: int) -> tuple[Message, ...]:
    """The newest messages of user and assistant that fit ``budget`` tokens, beginning with one of the user."""
    kept: list[Message] = []
    left = budget
    for message in reversed([message for message in history if message.role in ("user", "assistant")]):
        tokens = safe_count(model.count_tokens((message,)))
        if tokens > left:
            break
        left -= tokens
        kept.insert(0, Message(message.role, defused(message.content)))
    return _from_a_question(tuple(kept))


def _from_a_question(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    while messages and messages[0].role != "user":
        messages = messages[1:]
    return messages


def _direct_messages(
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Message],
    manner: str,
    before: Sequence[tuple[str, str]] = (),
) -> tuple[Message, ...]:
    shown = [
        Message(role, text)
        for question_shown, answer_shown in direct_prompt.example()
        for role, text in ((USER, question_shown), (ASSISTANT, answer_shown))
    ]
    return (
        Message("system", f"{direct_prompt.SYSTEM}\n{manner}".strip()),
        *shown,
        *history,
        Message("user", direct_prompt.user(question, passages, before=before)),
    )
