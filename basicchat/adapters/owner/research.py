"""The research of another process, with the methods of the one that owns it."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.adapters.owner.jobs import Caller
from basicchat.core.codec import from_json
from basicchat.core.research import Study
from basicchat.core.types import DEFAULT_COLLECTION


class RemoteResearch:
    """The inquiries of the owner."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def submit(
        self,
        question: str,
        *,
        collection: str = DEFAULT_COLLECTION,
        model: str = "",
        parts: Sequence[str] = (),
        web: bool = False,
        most_parts: int = 5,
        most_sources: int = 3,
    ) -> Study:
        """Look into a question in the background. Raises `InvalidInput`."""
        bounds = {"most_parts": most_parts, "most_sources": most_sources}
        told = {"collection": collection, "model": model, "parts": list(parts), "web": web, **bounds}
        return from_json(Study, self._client.call("research.submit", question=question, **told))

    def all(self) -> list[Study]:
        """Every inquiry, newest first."""
        return from_json(list[Study], self._client.call("research.all"))

    def study(self, study_id: str) -> Study:
        """One inquiry as it stands now. Raises `NotFound`."""
        return from_json(Study, self._client.call("research.study", study_id=study_id))

    def export(self, study_id: str, form: str = "markdown") -> str:
        """The report as a text. Raises `NotFound` or `InvalidInput`."""
        return str(self._client.call("research.export", study_id=study_id, form=form))

    def pause(self, study_id: str) -> None:
        """Stop for now. Raises `NotFound`."""
        self._client.call("research.pause", study_id=study_id)

    def resume(self, study_id: str) -> None:
        """Go on after the last finished step. Raises `NotFound`."""
        self._client.call("research.resume", study_id=study_id)

    def cancel(self, study_id: str) -> None:
        """Stop for good. Raises `NotFound`."""
        self._client.call("research.cancel", study_id=study_id)

    def forget(self, study_id: str) -> None:
        """Forget an inquiry and its report. Raises `NotFound` or `Conflict`."""
        self._client.call("research.forget", study_id=study_id)
