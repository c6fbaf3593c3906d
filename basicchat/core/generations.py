"""Which embedder and which index of vectors belong together, and the seam that says which pair serves now."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from basicchat.core.protocols import Embedder, VectorIndex
from basicchat.core.types import Job, JobState

GOING_ON = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)
"""A switch whose job is in one of these states has not ended."""


@dataclass(frozen=True, slots=True)
class Generation:
    """An embedder and the index that holds its vectors. What one embeds is searched in the other, never elsewhere.

    ``name`` is that of the index: two generations of one embedder have different names.
    """

    name: str
    embedder: Embedder
    vectors: VectorIndex


class Serving(Protocol):
    """Says which generation answers questions."""

    def serving(self) -> AbstractContextManager[Generation]:
        """The generation that serves now. It can be used to the end of the block, whatever is switched meanwhile."""


@dataclass(frozen=True, slots=True)
class EmbedderStatus:
    """Which embedder finds passages, which one will, which one did; empty where there is none.

    ``done`` of ``total`` passages are in the index that is being built. ``trouble`` says what is wrong, if anything.
    """

    active: str
    building: str = ""
    previous: str = ""
    job: Job | None = None
    done: int = 0
    total: int = 0
    trouble: str = ""
