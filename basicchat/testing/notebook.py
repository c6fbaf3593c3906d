"""A notebook in memory."""

from __future__ import annotations

from basicchat.core.errors import NotFound
from basicchat.core.research import Inquiry, Note


class MemoryNotebook:
    """Keeps inquiries as long as it lives."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[Inquiry, float]] = {}
        self._notes: dict[str, dict[str, Note]] = {}

    def begin(self, study_id: str, inquiry: Inquiry, *, at: float) -> None:
        """Note an inquiry, once."""
        self._begun.setdefault(study_id, (inquiry, at))
        self._notes.setdefault(study_id, {})

    def inquiry(self, study_id: str) -> Inquiry:
        """What was asked. Raises `NotFound`."""
        self._known(study_id)
        return self._begun[study_id][0]

    def begun(self) -> list[tuple[str, float]]:
        """Every inquiry and when it was noted, newest first."""
        return [(study_id, at) for study_id, (_, at) in reversed(self._begun.items())]

    def keep(self, study_id: str, note: Note) -> None:
        """Keep a finished step; the first of a name stays. Raises `NotFound`."""
        self._known(study_id)
        self._notes[study_id].setdefault(note.name, note)

    def notes(self, study_id: str) -> list[Note]:
        """The finished steps in the order they were kept."""
        return list(self._notes.get(study_id, {}).values())

    def forget(self, study_id: str) -> None:
        """Forget an inquiry. Raises `NotFound`."""
        self._known(study_id)
        del self._begun[study_id], self._notes[study_id]

    def close(self) -> None:
        """Nothing to release."""

    def _known(self, study_id: str) -> None:
        if study_id not in self._begun:
            raise NotFound(f"There is no research {study_id}.")
