"""Steps that ask the chat model for a line: a stand-alone question, or a passage that might answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from basicchat.core.errors import BadReply
from basicchat.core.protocols import ChatModel
from basicchat.core.types import GenerationOptions, Message
from basicchat.reason.prompts import hypothetical, rewrite
from basicchat.reason.rewrite.topics import phrases
from basicchat.resilience.deadline import Deadline, StreamGuard
from basicchat.retrieve.terms import numbers, terms

LONGEST_LINE = 60  # words of a question; a longer reply is an answer
_LINE_TOKENS = 96
_PASSAGE_TOKENS = 80
_LABEL = re.compile(r"^(?:(?:last |rewritten |stand-?alone )?question|user|rewrite)\s*:\s*", re.IGNORECASE)
_GUARD = StreamGuard(limit=4)


def rewritten(model: ChatModel, question: str, history: Sequence[Message], *, deadline: Deadline) -> str:
    """The question as the model makes it stand alone.

    Raises `BadReply` for a line that `acceptable` turns down, `DeadlineExceeded`, `Cancelled` and `ProviderError`.
    """
    reply = _reply(model, rewrite.messages(question, history), tokens=_LINE_TOKENS, stop=("\n",), deadline=deadline)
    line = _LABEL.sub("", reply.strip().partition("\n")[0]).strip(" \"'")
    if not acceptable(line, question, history):
        info = model.info()
        raise BadReply("The rewritten question is about something else.", provider=info.provider, model=info.name)
    return line


def imagined(model: ChatModel, question: str, *, deadline: Deadline) -> str:
    """A passage that might answer the question, to search with; never to be shown.

    Raises `DeadlineExceeded`, `Cancelled`, `ProviderError`, and `BadReply` for nothing.
    """
    reply = _reply(model, hypothetical.messages(question), tokens=_PASSAGE_TOKENS, stop=("\n\n",), deadline=deadline)
    if not terms(reply):
        info = model.info()
        raise BadReply("The model imagined nothing.", provider=info.provider, model=info.name)
    return " ".join(reply.split())


def acceptable(line: str, question: str, history: Sequence[Message]) -> bool:
    """Whether ``line`` can be the question made to stand alone.

    It has words, at most `LONGEST_LINE`; it keeps every name and number of the question and at least one of its
    content words; it holds no name and no number that neither the question nor the conversation holds.
    """
    known = set(terms(" ".join((question, *(message.content for message in history)))))
    own, new = set(terms(question)), set(terms(line))
    kept = {term for phrase in phrases(question) if phrase.name for term in phrase.stems} | numbers(question)
    brought = {term for phrase in phrases(line) if phrase.name for term in phrase.stems} | numbers(line)
    return (
        bool(new)
        and len(line.split()) <= LONGEST_LINE
        and kept <= new
        and brought <= known
        and bool(new & own or not own)
    )


def _reply(
    model: ChatModel, messages: Sequence[Message], *, tokens: int, stop: tuple[str, ...], deadline: Deadline
) -> str:
    window = model.info().context_window
    stream = model.stream(messages, options=GenerationOptions(window, max_tokens=tokens, stop=stop))
    return "".join(delta.text for delta in _GUARD.watch(stream, deadline))
