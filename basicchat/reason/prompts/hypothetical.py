"""The prompt for a passage as it might stand in a document that answers the question. It is only searched with."""

from __future__ import annotations

from basicchat.core.types import Message
from basicchat.reason.prompts.direct import defused

VERSION = "hypothetical-1"

SYSTEM = """Write one or two plain sentences as they might stand in a document that answers the question. \
Do not say that you do not know. Do not address the reader."""

_EXAMPLE = (
    "How is sea salt made?",
    "Sea salt is made by letting sea water evaporate in shallow basins, until crystals form and can be raked together.",
)


def messages(question: str) -> tuple[Message, ...]:
    """What to send."""
    asked, written = _EXAMPLE
    return (
        Message("system", SYSTEM),
        Message("user", asked),
        Message("assistant", written),
        Message("user", " ".join(defused(question).split())),
    )
