"""Kept conversations: what was asked and answered survives a reload, a stop and a crash."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.events import Event, Finished, Token
from basicchat.core.filters import EVERYTHING, Filter
from basicchat.core.protocols import Store
from basicchat.core.types import DEFAULT_COLLECTION, Answer, Conversation, Message, ToolCall, Turn

TITLE_LENGTH = 60
"""Characters of a title made from the first question."""

HISTORY_TURNS = 8
"""Earlier turns handed to the model; the prompt is cut to its window later, oldest first."""

Stream = Callable[..., Iterator[Event]]

Repair = Callable[[str, Answer, str | None], Answer]
"""From a question, its answer and the model to ask, None for the one in use, to the repaired answer."""


class Chats:
    """Conversations over the store. ``stream`` is the assistant's way to an answer, ``repair`` to a better one."""

    def __init__(
        self, *, store: Store, stream: Stream, repair: Repair | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._stream = stream
        self._repaired = repair
        self._clock = clock

    def list(self) -> list[Conversation]:
        """Conversations, the last used first."""
        with self._store.begin() as unit:
            return unit.conversations.find()

    def get(self, conversation_id: str) -> Conversation:
        """One conversation. Raises `NotFound`."""
        with self._store.begin() as unit:
            found = unit.conversations.get(conversation_id)
        if found is None:
            raise NotFound("This conversation is not here any more.", hint="Start a new chat.")
        return found

    def create(self, *, collection: str = DEFAULT_COLLECTION, title: str = "") -> Conversation:
        """A new conversation; without a title it takes its first question's words."""
        now = self._clock()
        made = Conversation(id=uuid.uuid4().hex, title=title, created_at=now, updated_at=now, collection=collection)
        with self._store.begin() as unit:
            unit.conversations.add(made)
        return made

    def rename(self, conversation_id: str, title: str) -> Conversation:
        """Give it another title. Raises `NotFound`, or `InvalidInput` for an empty title."""
        cleaned = " ".join(title.split())
        if not cleaned:
            raise InvalidInput("A title needs at least one character.")
        renamed = replace(self.get(conversation_id), title=cleaned)
        with self._store.begin() as unit:
            unit.conversations.add(renamed)
        return renamed

    def remove(self, conversation_id: str) -> None:
        """Forget it and its turns. Raises `NotFound`."""
        self.get(conversation_id)
        with self._store.begin() as unit:
            unit.conversations.remove(conversation_id)

    def restore(self, conversation: Conversation, turns: Sequence[Turn]) -> None:
        """Put back what `remove` took, for an undo."""
        with self._store.begin() as unit:
            unit.conversations.add(conversation)
            for turn in turns:
                unit.conversations.add_turn(conversation.id, turn)
            unit.conversations.add(conversation)

    def turns(self, conversation_id: str) -> Sequence[Turn]:
        """Everything said, in order."""
        with self._store.begin() as unit:
            return unit.conversations.turns(conversation_id)

    def send(
        self,
        conversation_id: str,
        text: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        document_ids: Sequence[str] = (),
        only: Filter = EVERYTHING,
        fresh: bool = False,
        specialist: str | None = None,
        allowed: Sequence[ToolCall] = (),
        without: Sequence[str] = (),
    ) -> Iterator[Event]:
        """Ask within a conversation. ``fresh`` asks the last question anew, as if it had not been answered; ``allowed``
        are calls of tools that a person said yes to. ``without`` are ids of documents that must not be drawn on: what
        was answered before from one of them is not repeated to the model either.

        The question is kept before anything else happens, the answer when it ends; closing the iterator early keeps
        what there is of it, marked as stopped. Raises `NotFound`, or `InvalidInput` for an empty question.
        """
        conversation = self.get(conversation_id)
        if not text.strip():
            raise InvalidInput("The question is empty.", hint="Type a question first.")
        history = self._history(conversation_id, without=text if fresh else "", leaving_out=frozenset(without))
        self._keep_question(conversation, text)
        events = self._stream(
            text,
            mode=mode,
            model=model,
            collection=conversation.collection,
            document_ids=document_ids,
            only=only,
            history=history,
            fresh=fresh,
            **({"specialist": specialist} if specialist else {}),
            **({"allowed": allowed} if allowed else {}),
            **({"without": without} if without else {}),
        )
        return self._keeping(conversation_id, events)

    def repair(self, conversation_id: str, turn_id: str, *, model: str | None = None) -> Turn:
        """Take sentences that nothing supports out of a kept answer, or have them written anew; keeps and gives it.

        Raises `NotFound` for a turn that is no whole answer, `InvalidInput` where nothing can be repaired, and what
        the model raises; then the answer stays as it is.
        """
        turns = self.turns(conversation_id)
        place = next((place for place, turn in enumerate(turns) if turn.id == turn_id), None)
        answer = None if place is None else turns[place].answer
        if place is None or answer is None or self._repaired is None:
            raise NotFound("This answer is not here any more.", hint="Ask again.")
        question = next((turn.content for turn in reversed(turns[:place]) if turn.role == "user"), "")
        better = self._repaired(question, answer, model)
        turn = replace(turns[place], content=better.text, answer=better)
        self._keep(conversation_id, turn)
        return turn

    def _keeping(self, conversation_id: str, events: Iterator[Event]) -> Iterator[Event]:
        turn = Turn(id=uuid.uuid4().hex, role="assistant", content="", created_at=self._clock(), stopped=True)
        said: list[str] = []
        try:
            for event in events:
                if isinstance(event, Token):
                    said.append(event.text)
                elif isinstance(event, Finished):
                    turn = replace(turn, content=event.answer.text, answer=event.answer, stopped=False)
                    self._keep(conversation_id, turn)
                yield event
        finally:
            if close := getattr(events, "close", None):
                close()
            if turn.stopped and said:
                self._keep(conversation_id, replace(turn, content="".join(said)))

    def _keep(self, conversation_id: str, turn: Turn) -> None:
        with self._store.begin() as unit:
            if unit.conversations.get(conversation_id) is not None:
                unit.conversations.add_turn(conversation_id, turn)

    def _keep_question(self, conversation: Conversation, text: str) -> None:
        now = self._clock()
        with self._store.begin() as unit:
            title = conversation.title or title_of(text)
            unit.conversations.add(replace(conversation, title=title, updated_at=now))
            unit.conversations.add_turn(
                conversation.id, Turn(id=uuid.uuid4().hex, role="user", content=text, created_at=now)
            )

    def _history(
        self, conversation_id: str, *, without: str = "", leaving_out: frozenset[str] = frozenset()
    ) -> tuple[Message, ...]:
        """What was said, but for a question at its end and what was answered to that, however often it was asked, and
        but for answers from documents to be left out.
        """
        turns = [turn for turn in self.turns(conversation_id) if turn.content]
        asked = [index for index, turn in enumerate(turns) if turn.role == "user"]
        while without and asked and turns[asked[-1]].content == without:
            turns = turns[: asked.pop()]
        turns = [turn for turn in turns if not leaving_out & _read(turn)]
        return tuple(_said(turn) for turn in turns[-HISTORY_TURNS:])


def _said(turn: Turn) -> Message:
    """A turn as what was said before, with the passages that a model wrote it from."""
    answer = turn.answer
    written = answer is not None and answer.mode == "direct" and not answer.abstained
    return Message(turn.role, turn.content, passages=answer.passages if answer and written else ())


def _read(turn: Turn) -> set[str]:
    """Ids of the documents that an answer was made from."""
    return {passage.document.id for passage in turn.answer.passages} if turn.answer else set()


def title_of(question: str) -> str:
    """The first words of a question, at most `TITLE_LENGTH` characters, cut at a word with an ellipsis."""
    line = " ".join(question.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + "…"
