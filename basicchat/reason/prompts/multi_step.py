"""The prompt that divides a question into the questions it takes to answer it."""

from __future__ import annotations

from basicchat.core.types import Json, Message
from basicchat.reason.prompts.direct import defused

VERSION = "multi-step-1"

MOST = 4
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "questions": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST},
    },
    "required": ["questions"],
    "additionalProperties": False,
}
SYSTEM = f"""You divide a question into the shorter questions whose answers are needed, in order, at most {MOST}.
- A question that can be answered at once stays as it is.
- #1 stands for the answer of the first question, #2 for that of the second.
- Reply with a JSON object: {{"questions": ["...", "..."]}}"""

_EXAMPLES = (
    (
        "When was the builder of the Orla lighthouse born?",
        '{"questions": ["Who built the Orla lighthouse?", "When was #1 born?"]}',
    ),
    ("How tall is the Orla lighthouse?", '{"questions": ["How tall is the Orla lighthouse?"]}'),
)


def messages(question: str) -> tuple[Message, ...]:
    """What to send."""
    shown: list[Message] = [Message("system", SYSTEM)]
    for asked, divided in _EXAMPLES:
        shown += [Message("user", asked), Message("assistant", divided)]
    return (*shown, Message("user", defused(" ".join(question.split()))))
