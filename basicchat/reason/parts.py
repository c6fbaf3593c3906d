"""What the parts of a prompt are: instructions, an example, what was said before, documents, the question."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.trace import PromptPart
from basicchat.core.types import Message
from basicchat.reason.prompts import direct

_QUESTION = "Question: "


def parts_of(question: str, messages: Sequence[Message]) -> tuple[PromptPart, ...]:
    """The prompt in named parts; joined by message they are the prompt, to the character.

    The last message is divided where the question begins: what stands before it came from documents.
    """
    shown = {text for pair in direct.example() for text in pair}
    parts: list[PromptPart] = []
    for place, message in enumerate(messages):
        if message.role == "system":
            names = [("system", message.content)]
        elif message.content in shown:
            names = [("example", message.content)]
        elif place < len(messages) - 1:
            names = [("history", message.content)]
        else:
            names = _divided(question, message.content)
        parts += [PromptPart(name, message.role, place, text) for name, text in names]
    return tuple(parts)


def _divided(question: str, text: str) -> list[tuple[str, str]]:
    """Documents and question of the last message; all of it is the question where nothing tells them apart."""
    begins = text.rfind(_QUESTION)
    begins = text.rfind(direct.defused(question)) if begins < 0 else begins
    if begins <= 0:
        return [("question", text)]
    return [("documents", text[:begins]), ("question", text[begins:])]
