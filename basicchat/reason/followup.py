"""Questions that lean on what was said before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from basicchat.core.types import Message
from basicchat.retrieve.terms import terms

FEW_TERMS = 2  # a question with so few content words hardly finds anything by itself

_LEANS = re.compile(
    r"^\s*(and|but|so|also|or|what about|how about|why|which one|the same)\b"
    r"|\b(it|its|they|them|their|he|she|him|her|his|this|that|those|these|there|former|latter)\b",
    re.IGNORECASE,
)


def search_text(question: str, history: Sequence[Message]) -> str:
    """What to search with: the question, after the user's previous one where it leans on it.

    It leans when it has a pronoun or begins like a continuation, or has at most `FEW_TERMS` content words.
    """
    earlier = [message.content for message in history if message.role == "user"]
    if earlier and (_LEANS.search(question) or len(terms(question)) <= FEW_TERMS):
        return f"{earlier[-1]} {question}"
    return question


def is_small_talk(question: str) -> bool:
    """Whether there is nothing in it to look for: "Hi!", "Thank you", "Who are you?"."""
    return not terms(question)
