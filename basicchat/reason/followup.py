"""Words that want no search."""

from __future__ import annotations

from basicchat.retrieve.terms import terms


def is_small_talk(question: str) -> bool:
    """Whether there is nothing in it to look for: "Hi!", "Thank you", "Who are you?"."""
    return not terms(question)
