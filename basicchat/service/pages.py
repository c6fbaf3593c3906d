"""Pages of kept originals to look at: as pictures, with the places of passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import PageRenderer, Store
from basicchat.core.types import Box, Document, Page, PageImage, Span


class PageViews:
    """Draws pages. ``files`` holds the kept originals."""

    def __init__(self, *, store: Store, renderers: Sequence[PageRenderer], files: Path) -> None:
        self._store = store
        self._renderers: Mapping[str, PageRenderer] = {
            kind: renderer for renderer in renderers for kind in renderer.media_types
        }
        self._files = files

    def original(self, document: Document) -> Path | None:
        """The kept original, None if there is none."""
        path = self._files / document.stored_as if document.stored_as else None
        return path if path is not None and path.is_file() else None

    def image(
        self, document: Document, page: int, *, start: int = 0, end: int = 0, width: int = 1000
    ) -> PageImage | None:
        """A page as a picture with boxes round ``[start, end)`` of its text.

        None where the format has no pages to draw, or the original is lost or damaged. Raises `NotFound`.
        """
        renderer, original = self._renderers.get(document.media_type), self.original(document)
        if renderer is None or original is None:
            return None
        known = self._recognised(document, page)
        try:
            if known is None:
                return renderer.render(original, page, start=start, end=end, width=width)
            image = renderer.render(original, page, width=width)
        except UnreadableDocument:  # read by the second reader, which draws nothing
            return None
        return PageImage(image.png, image.width, image.height, boxes_of(known, (start, end)))

    def outlines(self, document: Document, page: int) -> dict[str, tuple[Box, ...]]:
        """Where the passages of a page stand on its picture, by chunk id; empty where there is nothing to draw on.

        Raises `NotFound` for a page that is not there.
        """
        renderer, original = self._renderers.get(document.media_type), self.original(document)
        if renderer is None or original is None:
            return {}
        with self._store.begin() as unit:
            chunks = [chunk for chunk in unit.documents.chunks(document.id) if chunk.page == page]
        spans = [(chunk.start, chunk.end) for chunk in chunks]
        known = self._recognised(document, page)
        try:
            boxes = [boxes_of(known, span) for span in spans] if known else renderer.boxes(original, page, spans)
        except UnreadableDocument:
            return {}
        return {chunk.id: found for chunk, found in zip(chunks, boxes, strict=True)}

    def _recognised(self, document: Document, page: int) -> Page | None:
        """The page, if its text was recognised in a picture and brought its own boxes."""
        with self._store.begin() as unit:
            found = unit.documents.page(document.id, page)
        return found if found is not None and found.boxes else None


def boxes_of(page: Page, span: Span) -> tuple[Box, ...]:
    """The boxes of a recognised page that hold any of ``span``, those of one line drawn together."""
    start, end = span
    if end <= start:
        return ()
    lines: list[Box] = []
    for box in (one.box for one in page.boxes if one.start < end and one.end > start):
        last = lines[-1] if lines else None
        if last is not None and _same_line(last, box):
            lines[-1] = Box(
                min(last.left, box.left),
                min(last.top, box.top),
                max(last.right, box.right),
                max(last.bottom, box.bottom),
            )
        else:
            lines.append(box)
    return tuple(lines)


def _same_line(left: Box, right: Box) -> bool:
    shared = min(left.bottom, right.bottom) - max(left.top, right.top)
    return shared > 0.5 * min(left.bottom - left.top, right.bottom - right.top)
