"""Prompts for one answer among several: over passages or alone, with notes or a brief behind the question."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.types import Message, Passage
from basicchat.reason.prompts import direct

VERSION = "answering-1"

ALONE = """You answer questions on the user's own computer. Answer briefly and honestly. \
For a problem with numbers, compute step by step and end with the number that is asked for."""


def messages(
    question: str, passages: Sequence[Passage], *, brief: str = "", notes: str = "", manner: str = ""
) -> tuple[Message, ...]:
    """What to send. System, example and passages come first and are the same for every ``brief``, so that a server
    reads them once; ``notes`` are findings that the model may use and check.
    """
    behind = "\n\n".join(part for part in (_noted(notes), brief) if part)
    if not passages:
        asked = "\n\n".join(part for part in (direct.defused(question), behind) if part)
        return (Message("system", f"{ALONE}\n{manner}".strip()), Message("user", asked))
    shown: list[Message] = []
    for asked, answered in direct.example():
        shown += [Message("user", asked), Message("assistant", answered)]
    turn = direct.user(question, passages)
    return (
        Message("system", f"{direct.SYSTEM}\n{manner}".strip()),
        *shown,
        Message("user", f"{turn}\n\n{behind}" if behind else turn),
    )


def _noted(notes: str) -> str:
    return f"Notes, to be checked against the passages:\n{direct.quoted(notes)}" if notes else ""
