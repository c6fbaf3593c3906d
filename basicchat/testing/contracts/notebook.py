"""What every notebook promises. Subclass and give a fixture ``notebook``."""

from __future__ import annotations

import pytest

from basicchat.core.errors import NotFound
from basicchat.core.research import Inquiry, Note, Notebook

ASKED = Inquiry("How high are the towers?", parts=("How high is the Eiffel Tower?",))


class NotebookContract:
    """Inquiries and their finished steps."""

    def test_an_inquiry_is_noted_once(self, notebook: Notebook) -> None:
        """The first one stays, with its time."""
        notebook.begin("a", ASKED, at=1.0)
        notebook.begin("a", Inquiry("Something else"), at=2.0)
        assert notebook.inquiry("a") == ASKED
        assert notebook.begun() == [("a", 1.0)]

    def test_the_newest_comes_first(self, notebook: Notebook) -> None:
        """In the order of noting."""
        notebook.begin("a", ASKED, at=1.0)
        notebook.begin("b", ASKED, at=2.0)
        assert [study_id for study_id, _ in notebook.begun()] == ["b", "a"]

    def test_finished_steps_are_kept_in_order_and_the_first_of_a_name_stays(self, notebook: Notebook) -> None:
        """So a step that was done twice counts once."""
        notebook.begin("a", ASKED, at=1.0)
        plan = Note("plan", "Plan", detail="one", seconds=1.5, read=3, written=4, value={"parts": ["x"]}, kept_at=2.0)
        notebook.keep("a", plan)
        notebook.keep("a", Note("look", "Look", value=[1, None, "é"]))
        notebook.keep("a", Note("plan", "Plan", detail="two"))
        assert notebook.notes("a")[0] == plan
        assert [(note.name, note.value) for note in notebook.notes("a")] == [
            ("plan", {"parts": ["x"]}),
            ("look", [1, None, "é"]),
        ]

    def test_what_is_forgotten_is_gone(self, notebook: Notebook) -> None:
        """And nothing else is."""
        notebook.begin("a", ASKED, at=1.0)
        notebook.begin("b", ASKED, at=2.0)
        notebook.keep("a", Note("plan", "Plan"))
        notebook.forget("a")
        assert notebook.notes("a") == []
        assert notebook.begun() == [("b", 2.0)]
        with pytest.raises(NotFound):
            notebook.inquiry("a")

    def test_the_unknown(self, notebook: Notebook) -> None:
        """There is nothing to keep it under."""
        with pytest.raises(NotFound):
            notebook.keep("nobody", Note("plan", "Plan"))
        with pytest.raises(NotFound):
            notebook.forget("nobody")
        assert notebook.notes("nobody") == []
