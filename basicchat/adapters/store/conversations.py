"""Kept conversations in SQL."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update

from basicchat.adapters.store import rows
from basicchat.adapters.store.connection import Transaction
from basicchat.adapters.store.schema import conversations, turns
from basicchat.core.errors import NotFound
from basicchat.core.types import Conversation, Turn


class SqlConversations:
    """The chats inside one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, conversation: Conversation) -> None:
        """Add, or change everything but the turns of one with the same id."""
        self._transaction.begin_writing()
        row = rows.conversation_row(conversation)
        if self.get(conversation.id) is None:
            self._transaction.write(insert(conversations), [row])
        else:
            self._transaction.write(update(conversations).where(conversations.c.id == conversation.id).values(**row))

    def get(self, conversation_id: str) -> Conversation | None:
        """The conversation, or None."""
        row = self._transaction.row(select(conversations).where(conversations.c.id == conversation_id))
        return None if row is None else rows.conversation_from(row)

    def find(self, *, limit: int = 200) -> list[Conversation]:
        """Newest first by ``updated_at``, then by id."""
        query = select(conversations).order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        return [rows.conversation_from(row) for row in self._transaction.rows(query)]

    def remove(self, conversation_id: str) -> None:
        """Forget it and its turns. No error if there is none."""
        self._transaction.write(delete(conversations).where(conversations.c.id == conversation_id))

    def add_turn(self, conversation_id: str, turn: Turn) -> None:
        """Append a turn, or replace the one with the same id, and touch the conversation.

        Raises `NotFound` for an unknown conversation.
        """
        self._transaction.begin_writing()
        conversation = self.get(conversation_id)
        if conversation is None:
            raise NotFound(f"There is no conversation {conversation_id}.")
        row = rows.turn_row(conversation_id, turn)
        same = (turns.c.conversation_id == conversation_id, turns.c.id == turn.id)
        if self._transaction.row(select(turns.c.id).where(*same)) is not None:
            self._transaction.write(update(turns).where(*same).values(**row))
        else:
            last = select(func.max(turns.c.ordinal)).where(turns.c.conversation_id == conversation_id)
            highest = self._transaction.values(last)[0]
            ordinal = 0 if highest is None else highest + 1
            self._transaction.write(insert(turns), [{**row, "ordinal": ordinal}])
        touched = max(conversation.updated_at, turn.created_at)
        self._transaction.write(
            update(conversations).where(conversations.c.id == conversation_id).values(updated_at=touched)
        )

    def turns(self, conversation_id: str) -> list[Turn]:
        """Turns in the order they were added."""
        query = select(turns).where(turns.c.conversation_id == conversation_id).order_by(turns.c.ordinal)
        return [rows.turn_from(row) for row in self._transaction.rows(query)]
