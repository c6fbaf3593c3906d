"""Answers in the making. They run in the process, not in the page: a reload or another click loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import cast

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Event, Failed, Finished, Token


class LiveAnswer:
    """One answer being made: a thread takes the events, pages read what there is.

    ``events`` is a generator, closed when the answer is stopped.
    """

    def __init__(self, question: str, events: Iterator[Event]) -> None:
        self.question = question
        self.stopping = False
        self._events = events
        self._seen: list[Event] = []
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._take, name="live-answer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop; it does before its next event, and keeps what there is."""
        self.stopping = True

    def join(self, timeout: float | None = None) -> None:
        """Wait until it ended."""
        self._thread.join(timeout)

    def follow(self, *, patience: float = 0.25) -> Iterator[list[Event]]:
        """Everything seen so far, each time something was added and at least every ``patience`` seconds, to the end."""
        count = -1
        while True:
            with self._changed:
                if not self._ended and len(self._seen) <= count:
                    self._changed.wait(patience)
                seen, ended = list(self._seen), self._ended
            count = len(seen)
            yield seen
            if ended:
                return

    def _take(self) -> None:
        try:
            # `closing` wants a close(); every stream of events is a generator.
            with closing(cast("closing[Iterator[Event]]", self._events)) as events:  # type: ignore[type-var]
                for event in cast("Iterator[Event]", events):
                    self._add(event)
                    if self.stopping:
                        break
        except BasicChatError as error:
            self._add(Failed(error.code, str(error), error.hint, error.retryable))
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _add(self, event: Event) -> None:
        with self._changed:
            self._seen.append(event)
            self._changed.notify_all()


def text_of(events: list[Event]) -> str:
    """What the answer says so far; the finished text when it is whole."""
    for event in reversed(events):
        if isinstance(event, Finished):
            return event.answer.text
    return "".join(event.text for event in events if isinstance(event, Token))


class _Registry:
    """The answers in the making, by conversation."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.answers: dict[str, LiveAnswer] = {}


_REGISTRY = _Registry()


def start(conversation_id: str, question: str, events: Iterator[Event]) -> LiveAnswer:
    """Begin an answer in a conversation; one still running there is stopped first."""
    if before := find(conversation_id):
        before.stop()
    answer = LiveAnswer(question, events)
    with _REGISTRY.lock:
        _REGISTRY.answers[conversation_id] = answer
    return answer


def find(conversation_id: str | None) -> LiveAnswer | None:
    """The answer in the making in this conversation, None if there is none."""
    with _REGISTRY.lock:
        return _REGISTRY.answers.get(conversation_id or "")


def forget(conversation_id: str, answer: LiveAnswer) -> None:
    """The answer is kept now, show it from the store."""
    with _REGISTRY.lock:
        if _REGISTRY.answers.get(conversation_id) is answer:
            del _REGISTRY.answers[conversation_id]


def stop_all() -> None:
    """Stop every answer and wait a moment for them to be kept."""
    with _REGISTRY.lock:
        answers = list(_REGISTRY.answers.values())
    for answer in answers:
        answer.stop()
    for answer in answers:
        answer.join(2.0)
