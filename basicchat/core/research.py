"""Deep research as values: what was asked, what each finished step found, and the report that it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from basicchat.core.types import DEFAULT_COLLECTION, Citation, JobState, Json, Step

Standing = Literal["written", "quoted", "silent", "skipped"]
"""``written`` by a model and checked; ``quoted`` word for word; ``silent``: the sources do not say; ``skipped``: the
budget was spent before its turn came.
"""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is to be looked into, and within which bounds.

    ``parts`` are questions of the person's own; with none a plan is made, of at most ``most_parts``. For each part at
    most ``most_sources`` documents are read. ``model`` empty takes the one in use. ``web`` says that the person allowed
    to search the web for this inquiry. ``max_tokens`` bounds what models write, ``max_seconds`` the time of all steps.
    """

    question: str
    collection: str = DEFAULT_COLLECTION
    model: str = ""
    parts: tuple[str, ...] = ()
    web: bool = False
    most_parts: int = 5
    most_sources: int = 3
    max_steps: int = 60
    max_tokens: int = 12_000
    max_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Note:
    """A finished step as it is kept. ``read`` and ``written`` are tokens of models; ``value`` is what it came to."""

    name: str
    title: str
    detail: str = ""
    seconds: float = 0.0
    read: int = 0
    written: int = 0
    value: Json = None
    kept_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What one source says about one part. Numbers in ``text`` are those of ``citations``, its own, from 1.

    ``checked`` sentences were laid beside the passages and ``supported`` are borne out; ``left_out`` are those that no
    passage bears out. ``remark`` says why a model did not write it, where one should have.
    """

    document_id: str
    title: str
    standing: Standing
    text: str = ""
    citations: tuple[Citation, ...] = ()
    checked: int = 0
    supported: int = 0
    left_out: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report. Numbers in ``text`` are those of the report; ``read`` are titles of the sources read.

    ``nearest`` are the citations that came nearest where the sources do not say.
    """

    question: str
    standing: Standing
    text: str = ""
    read: tuple[str, ...] = ()
    checked: int = 0
    supported: int = 0
    left_out: tuple[str, ...] = ()
    nearest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Every number in ``summary`` and in the sections is one of ``citations``.

    A citation without ``document_id`` is of the web: its ``source`` is the address. ``unresolved`` are the numbers
    whose place was not in the library any more when the report was finished. ``limits`` are sentences for the reader.
    """

    question: str
    summary: str
    sections: tuple[Section, ...]
    citations: tuple[Citation, ...]
    limits: tuple[str, ...] = ()
    model: str | None = None
    documents: int = 0
    unresolved: tuple[int, ...] = ()
    steps: int = 0
    seconds: float = 0.0
    written: int = 0
    made_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Study:
    """An inquiry as people see it: its plan, its steps so far, and its report once there is one.

    ``done`` of ``total`` steps; ``total`` is a guess until the plan and the searches are done, 0 before.
    """

    id: str
    inquiry: Inquiry
    state: JobState
    stage: str = ""
    done: int = 0
    total: int = 0
    plan: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    report: Report | None = None
    error: str = ""
    begun_at: float = 0.0


class Notebook(Protocol):
    """Keeps the finished steps of inquiries. What was kept is there after any end of the program."""

    def begin(self, study_id: str, inquiry: Inquiry, *, at: float) -> None:
        """Note an inquiry. Doing it twice is doing it once: the first one stays."""

    def inquiry(self, study_id: str) -> Inquiry:
        """What was asked. Raises `NotFound`."""

    def begun(self) -> list[tuple[str, float]]:
        """Every inquiry and when it was noted, newest first."""

    def keep(self, study_id: str, note: Note) -> None:
        """Keep a finished step for good, before this returns. The first of a name stays. Raises `NotFound`."""

    def notes(self, study_id: str) -> list[Note]:
        """The finished steps in the order they were kept. None for an unknown inquiry."""

    def forget(self, study_id: str) -> None:
        """Forget an inquiry and its steps. Raises `NotFound`."""

    def close(self) -> None:
        """Release files."""
