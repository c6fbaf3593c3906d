"""The prompt that lets a model think in short steps before it answers, over passages or alone."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.types import Message, Passage
from basicchat.reason.prompts import direct

VERSION = "chain-1"

_FORM = """- Think first: two to six short numbered steps, one a line.
- Then write a last line that begins with "Answer:" and holds the answer in full."""
SYSTEM = f"{direct.SYSTEM}\n{_FORM}"
ALONE = f"""You solve problems carefully on the user's own computer.
{_FORM}
- Compute one operation a step. Give a number as the answer where one is asked for."""

_EXAMPLE = (
    "Tom has 3 boxes with 4 pens each. He gives 5 pens away. How many pens are left?",
    "1. Three boxes with 4 pens each are 3 * 4 = 12 pens.\n2. He gives 5 away, so 12 - 5 = 7 are left.\nAnswer: 7",
)
_REMINDER = 'Think in numbered steps, one a line. Then write "Answer:" and the answer.'


def messages(question: str, passages: Sequence[Passage], manner: str = "") -> tuple[Message, ...]:
    """What to send; without passages the model thinks alone, and is shown how."""
    if not passages:
        asked, worked = _EXAMPLE
        return (
            Message("system", f"{ALONE}\n{manner}".strip()),
            Message("user", asked),
            Message("assistant", worked),
            Message("user", direct.defused(question)),
        )
    return (
        Message("system", f"{SYSTEM}\n{manner}".strip()),
        Message("user", f"{direct.user(question, passages)}\n{_REMINDER}"),
    )
