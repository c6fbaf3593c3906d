"""Where in a document a reader looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a page: ``[start, end)`` of the text of page ``page``. ``number`` is the citation's, 0 for none."""

    document_id: str
    title: str
    page: int
    start: int = 0
    end: int = 0
    quote: str = ""
    number: int = 0
    name: str = ""
    """What to call it where a page number would not do."""
    about: str = ""
    """Facts about the document, as far as an answer kept them."""

    @property
    def short(self) -> str:
        """What to call it where there is little room."""
        return self.name or f"p. {self.page}"


@dataclass(frozen=True, slots=True)
class OpenSource:
    """What the source pane shows: a place in a document, and which citations the arrows walk through.

    ``places`` are the citations of one answer in order; ``index`` is the one shown.
    """

    places: tuple[Place, ...]
    index: int = 0

    @property
    def place(self) -> Place:
        """The place shown now."""
        return self.places[self.index]
