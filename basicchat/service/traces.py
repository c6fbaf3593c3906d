"""How kept answers were made."""

from __future__ import annotations

from collections.abc import Iterator

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.protocols import Store
from basicchat.core.trace import Trace, TracedAnswer, unpacked
from basicchat.core.types import Answer, Conversation, Turn


class Traces:
    """The traces of answers in kept conversations. One goes when its conversation goes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answers(self, *, limit: int = 20) -> list[TracedAnswer]:
        """Answers with a trace, newest first. Raises `InvalidInput` for a limit below 1."""
        if limit < 1:
            raise InvalidInput("The limit must be at least 1.")
        with self._store.begin() as unit:
            found = [
                _listed(conversation, turns, place)
                for conversation in unit.conversations.find(limit=limit)
                for turns in [unit.conversations.turns(conversation.id)]
                for place, turn in enumerate(turns)
                if turn.answer is not None and turn.answer.trace
            ]
        return sorted(found, key=lambda each: (-each.made_at, each.id))[:limit]

    def get(self, answer_id: str, *, conversation_id: str | None = None) -> Trace:
        """The trace of an answer, by the id of its turn or the beginning that only it has.

        Raises `NotFound` for no such answer and for one without a trace, `InvalidInput` where several begin so.
        """
        found = dict(self._beginning(answer_id, conversation_id)) if answer_id else {}
        if answer_id in found:
            found = {answer_id: found[answer_id]}
        if len(found) > 1:
            raise InvalidInput(f"{len(found)} answers begin with {answer_id}.", hint="Give more of the id.")
        answer = next(iter(found.values()), None)
        if answer is None:
            raise NotFound("This answer is not here any more.", hint="List them: basicchat trace")
        if not answer.trace:
            raise NotFound("Nobody recorded how this answer was made.", hint="Ask again, afresh.")
        try:
            return unpacked(answer.trace)
        except (ValueError, TypeError) as error:
            raise NotFound("How this answer was made cannot be read.", hint="Ask again, afresh.") from error

    def _beginning(self, answer_id: str, conversation_id: str | None) -> Iterator[tuple[str, Answer]]:
        with self._store.begin() as unit:
            ids = [conversation_id] if conversation_id else [each.id for each in unit.conversations.find(limit=10_000)]
            for each in ids:
                for turn in unit.conversations.turns(each):
                    if turn.id.startswith(answer_id) and turn.answer is not None:
                        yield turn.id, turn.answer


def _listed(conversation: Conversation, turns: list[Turn], place: int) -> TracedAnswer:
    turn = turns[place]
    asked = next((each.content for each in reversed(turns[:place]) if each.role == "user"), conversation.title)
    answer = turn.answer
    return TracedAnswer(
        id=turn.id,
        conversation_id=conversation.id,
        question=asked,
        made_at=turn.created_at,
        mode=answer.mode if answer else "",
        model=answer.model if answer else None,
        abstained=bool(answer and answer.abstained),
    )
