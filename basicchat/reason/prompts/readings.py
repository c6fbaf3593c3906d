"""Briefs for several readers of the same passages, and for drafts of one answer."""

from __future__ import annotations

from basicchat.reason.prompts.direct import quoted

VERSION = "readings-1"

BRIEFS: tuple[tuple[str, str], ...] = (
    ("The plain reader", "Answer with what the passages say most directly."),
    (
        "The sceptic",
        "Look for what speaks against the obvious answer: exceptions, other dates, other people. Then answer.",
    ),
    ("The exact reader", "Compare names, numbers and dates of the passages word by word before you answer."),
    ("The practitioner", "Answer for somebody who has to act on it: what holds, and under which condition."),
    ("The historian", "Order what the passages say by time, then answer for the time that the question means."),
)
"""Who reads, and what that reader is told. The first ones are taken first."""

FEWEST, MOST = 2, len(BRIEFS)


def improve(draft: str) -> str:
    """The brief for another draft after the best one so far."""
    return (
        f"A draft of the answer: {quoted(draft)}\n"
        "Write it again, better: leave out what the passages do not say, add what they say and the question asks for."
    )
