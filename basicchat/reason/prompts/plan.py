"""The prompt for a plan: which searches and which answers lead to the answer."""

from __future__ import annotations

from basicchat.core.types import Json, Message
from basicchat.reason.prompts.direct import defused

VERSION = "plan-1"

MOST = 5
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {
                "type": "object",
                "properties": {"do": {"enum": ["search", "answer"]}, "text": {"type": "string"}},
                "required": ["do", "text"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["steps"],
    "additionalProperties": False,
}
SYSTEM = f"""You plan how to answer a question from a library of documents, in at most {MOST} steps.
- "search" looks for passages with a few words. "answer" answers a part of the question from what was found so far.
- #1 stands for what the first step came to, #2 for the second.
- Reply with a JSON object: {{"steps": [{{"do": "search", "text": "..."}}, {{"do": "answer", "text": "..."}}]}}"""

_EXAMPLE = (
    "When was the builder of the Orla lighthouse born?",
    '{"steps": [{"do": "search", "text": "Orla lighthouse builder"}, {"do": "answer", "text": "Who built the Orla '
    'lighthouse?"}, {"do": "search", "text": "#2 born"}, {"do": "answer", "text": "When was #2 born?"}]}',
)


def messages(question: str, failed: str = "") -> tuple[Message, ...]:
    """What to send; ``failed`` says what came of an earlier plan, and asks for another."""
    asked, planned = _EXAMPLE
    turn = defused(" ".join(question.split()))
    if failed:
        turn += f"\n\nAn earlier plan did not find it:\n{defused(failed)}\nPlan again, with other words."
    return (
        Message("system", SYSTEM),
        Message("user", asked),
        Message("assistant", planned),
        Message("user", turn),
    )
