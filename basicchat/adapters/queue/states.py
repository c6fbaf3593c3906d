"""What every queue says about a job in the same words."""

from __future__ import annotations

from collections.abc import Callable

from basicchat.core.errors import BasicChatError
from basicchat.core.protocols import JobContext
from basicchat.core.types import JobState, Json

Handler = Callable[[Json, JobContext], Json]

ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
RESUMABLE = frozenset({JobState.PAUSED, JobState.FAILED, JobState.CANCELLED})
RESTING = ENDED | {JobState.PAUSED}


def reason(error: Exception) -> str:
    """Why a job failed, and what to do next."""
    if isinstance(error, BasicChatError):
        return f"{error} {error.hint}".strip()
    return f"Something went wrong: {type(error).__name__}. {BasicChatError.default_hint}"


def staged(stage: str, note: str) -> str:
    """The stage of a job, with the name of what it is at."""
    return f"{stage}: {note}" if note else stage
