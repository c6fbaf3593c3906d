"""The prompt that makes a follow-up stand alone: a conversation, its last question, one line back."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.types import Message
from basicchat.reason.prompts.direct import defused

VERSION = "rewrite-1"

LOOKED_BACK = 3  # turns; more makes a small model answer the conversation instead of rewriting its end
_ANSWER = 240  # characters of an answer that are shown

SYSTEM = """You rewrite the last question of a conversation so that it can be understood without the conversation.
- Replace words like "it", "they" and "that" by what they stand for. Keep the other words.
- Use only names and numbers of the conversation.
- If the question can be understood already, repeat it.
- Reply with the question alone, on one line."""

_EXAMPLES = (
    (
        "User: Who built the Orla lighthouse?\nAssistant: Maren Holt did, in 1874.\n\nLast question: How tall is it?",
        "How tall is the Orla lighthouse?",
    ),
    (
        "User: What does the Basic plan cost?\nAssistant: It costs 9 euros a month.\n\nLast question: any discounts?",
        "Are there any discounts on the Basic plan?",
    ),
)


def messages(question: str, history: Sequence[Message]) -> tuple[Message, ...]:
    """What to send: the rules, two examples, and the last `LOOKED_BACK` turns with the question."""
    shown: list[Message] = [Message("system", SYSTEM)]
    for asked, replied in _EXAMPLES:
        shown += [Message("user", asked), Message("assistant", replied)]
    return (*shown, Message("user", f"{_conversation(history)}\n\nLast question: {_line(question)}"))


def _conversation(history: Sequence[Message]) -> str:
    said = [message for message in history if message.role in {"user", "assistant"}]
    starts = [number for number, message in enumerate(said) if message.role == "user"][-LOOKED_BACK:]
    lines = []
    for message in said[starts[0] if starts else len(said) :]:
        text = _line(message.content)
        lines.append(f"User: {text}" if message.role == "user" else f"Assistant: {text[:_ANSWER]}")
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(defused(text).split())
