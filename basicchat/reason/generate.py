"""Letting a model write: its stream, cleaned, as events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from basicchat.core.errors import BadReply
from basicchat.core.events import Event, Thought, Token
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Delta, GenerationOptions, Usage
from basicchat.reason.cite import CitationFilter, Settle
from basicchat.reason.context import Prompt
from basicchat.reason.task import Task
from basicchat.resilience.context import context_mismatch
from basicchat.resilience.fallback import FallbackStream
from basicchat.telemetry.trace import RecordedStream

_REFUSAL = "NOTINPASSAGE"  # the letters of our word for "no answer", however it is dressed
_NOT_LETTERS = re.compile(r"\[[^\]]*\]?|[^A-Z\d]+|\bTHE\b")
_LONGEST_AFTERTHOUGHT = 200  # characters let by after a refusal, to reach the model's own count of tokens
_LONGEST_REFUSAL = 60


class Reply:
    """A reply while it is written. ``text`` is what was shown; joined tokens and ``text`` are always the same.

    ``declined`` says that the model gave our word for no answer. Then nothing was shown. A reply from 0 passages is
    passed on as it is: there is nothing to cite and nothing to decline by, and ``[1, 2]`` is a list. ``settle`` is
    asked which numbers to show. ``answered`` names the model that wrote where others were to write and could not;
    ``passed_over`` says why they could not.
    """

    def __init__(self, passages: int, *, settle: Settle | None = None) -> None:
        self.citations = CitationFilter(passages, settle=settle)
        self.text = ""
        self.declined = False
        self.usage = Usage()
        self.finish_reason: str | None = None
        self.answered = ""
        self.passed_over: tuple[str, ...] = ()
        self._cites = passages > 0
        self._opening: str | None = (
            "" if self._cites else None
        )  # the beginning, as long as it may be a refusal; None once it is not
        self._raw_length = 0

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for: it declined and keeps talking."""
        return self.declined and self._raw_length > _LONGEST_AFTERTHOUGHT

    def feed(self, text: str) -> str:
        """What to show now that ``text`` came."""
        self._raw_length += len(text)
        if self.declined:
            return ""
        if self._opening is not None:
            self._opening += text
            letters = _NOT_LETTERS.sub("", self._opening.upper())
            if letters.startswith(_REFUSAL):
                self.declined = True
                return ""
            if _REFUSAL.startswith(letters) and len(self._opening) < _LONGEST_REFUSAL:
                return ""
            text, self._opening = self._opening, None
        return self._show(self.citations.feed(text) if self._cites else text)

    def close(self) -> str:
        """What to show at the end."""
        if self.declined:
            return ""
        held, self._opening = self._opening or "", None
        if not _NOT_LETTERS.sub("", held.upper()) and not self.text:
            return ""
        return self._show(self.citations.feed(held) + self.citations.close())

    def add(self, text: str) -> str:
        """Show something of our own behind the reply."""
        return self._show(text)

    def _show(self, text: str) -> str:
        self.text += text
        return text


def write(task: Task, model: ChatModel, prompt: Prompt, reply: Reply, *, window: int) -> Iterator[Event]:
    """Stream a reply as `Thought` and `Token` events into ``reply``.

    Raises `ProviderError`, `DeadlineExceeded`, and `BadReply` for a model that says nothing, or nothing but numbers
    of passages. Closing stops the model.
    """
    options = GenerationOptions(window=window, max_tokens=prompt.reply_tokens, temperature=task.config.temperature)
    with stopping(model.stream(prompt.messages, options=options)) as stream:
        for delta in stream:
            task.deadline.check()
            if delta.thinking:
                yield Thought(delta.thinking)
            if piece := reply.feed(delta.text):
                yield Token(piece)
            if delta.done:
                reply.usage = delta.usage or reply.usage
                reply.finish_reason = delta.finish_reason
            if reply.over:
                break
    source = stream.source if isinstance(stream, RecordedStream) else stream
    if isinstance(source, FallbackStream) and source.skipped:
        reply.answered = (source.answered or "").partition(":")[2]
        reply.passed_over = tuple(f"{skipped.name} could not answer: {skipped.reason}" for skipped in source.skipped)
    if piece := reply.close():
        yield Token(piece)
    if not reply.text.strip() and not reply.declined:
        info = model.info()
        raise BadReply("The model said nothing.", provider=info.provider, model=info.name)


def remarks(prompt: Prompt, reply: Reply, *, window: int) -> tuple[str, ...]:
    """What the reader should know about a reply: others could not write it, it is cut off, or half was not read."""
    cut = f"The answer was cut off after {prompt.reply_tokens} tokens." if reply.finish_reason == "length" else ""
    unread = context_mismatch(prompt.counted, reply.usage.prompt_tokens, window)
    return tuple(remark for remark in (*reply.passed_over, cut, unread) if remark)


@contextmanager
def stopping(stream: Iterator[Delta]) -> Iterator[Iterator[Delta]]:
    """Close the stream at the end of the block, also when the block is left early: that stops the model."""
    try:
        yield stream
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
