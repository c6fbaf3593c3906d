"""The prompt that divides a question for a report into the questions that its sections answer."""

from __future__ import annotations

from basicchat.core.types import Json, Message
from basicchat.reason.prompts.direct import defused

VERSION = "research-1"

_EXAMPLE = (
    "Is the harbour of Orla worth its upkeep? (3 questions)",
    '{"questions": ["What does the upkeep of the harbour of Orla cost?", '
    '"What income does the harbour of Orla bring?", "Who uses the harbour of Orla?"]}',
)


def schema(most: int) -> dict[str, Json]:
    """The JSON Schema of a plan of at most ``most`` questions."""
    return {
        "type": "object",
        "properties": {
            "questions": {
                "type": "array",
                "items": {"type": "string", "maxLength": 160},
                "minItems": 1,
                "maxItems": most,
            },
        },
        "required": ["questions"],
        "additionalProperties": False,
    }


def messages(question: str, *, most: int) -> tuple[Message, ...]:
    """What to send. No word of a document is among it, so that a document cannot lead what is looked for."""
    system = (
        f"You plan a report. Divide what is asked into at most {most} short questions that documents can answer.\n"
        "- Each question stands by itself: it names what it is about.\n"
        "- No two ask the same.\n"
        '- Reply with a JSON object: {"questions": ["...", "..."]}'
    )
    asked, divided = _EXAMPLE
    told = f"{defused(' '.join(question.split()))} ({most} questions)"
    return (
        Message("system", system),
        Message("user", asked),
        Message("assistant", divided),
        Message("user", told),
    )
