"""Pages of a PDF as pictures, with the place of a passage."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from ctypes import byref, c_int
from pathlib import Path
from typing import Any

from basicchat.adapters.load import pdfium
from basicchat.adapters.load.pdf_text import PageText, normalise
from basicchat.core.errors import NotFound, UnreadableDocument
from basicchat.core.types import Box, PageImage, Span

MIN_WIDTH, MAX_WIDTH, MAX_HEIGHT = 50, 4000, 8000
_GRID = 100_000
"""PDFium maps page coordinates to whole device pixels; on a grid this fine the rounding does not show."""

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom as fractions."""


class PdfRenderer:
    """Draws pages with PDFium. The picture is clean; the boxes are for the caller to draw."""

    media_types = frozenset({"application/pdf"})

    def render(self, path: Path, page: int, *, start: int = 0, end: int = 0, width: int = 1000) -> PageImage:
        """Draw ``page`` (from 1) with one box for each line of ``[start, end)``.

        A very long page comes out narrower than ``width``. Raises `NotFound` for a page that is not there,
        `PasswordRequired` and `UnreadableDocument`.
        """
        with pdfium.open_pdf(path) as document, pdfium.LOCK:
            if not 1 <= page <= len(document):
                raise NotFound(f"There is no page {page}; the document has {len(document)}.")
            with pdfium.open_page(document, page - 1) as (sheet, textpage):
                boxes = merge_lines(_rectangles(sheet, textpage, start, end)) if end > start else ()
                return _picture(sheet, width, boxes)

    def boxes(self, path: Path, page: int, spans: Sequence[Span]) -> list[tuple[Box, ...]]:
        """One box a line of each span. Raises `NotFound`, `PasswordRequired` and `UnreadableDocument`."""
        with pdfium.open_pdf(path) as document, pdfium.LOCK:
            if not 1 <= page <= len(document):
                raise NotFound(f"There is no page {page}; the document has {len(document)}.")
            with pdfium.open_page(document, page - 1) as (sheet, textpage):
                return [merge_lines(_rectangles(sheet, textpage, *span)) if span[1] > span[0] else () for span in spans]


def _picture(sheet: Any, width: int, boxes: Sequence[Box]) -> PageImage:
    across, down = sheet.get_size()
    if across <= 0 or down <= 0:
        raise UnreadableDocument("The page has no size.")
    scale = min(max(MIN_WIDTH, min(width, MAX_WIDTH)) / across, MAX_HEIGHT / down)
    bitmap = sheet.render(scale=scale)
    try:
        image = bitmap.to_pil()
        buffer = io.BytesIO()
        image.save(buffer, format="PNG")
        return PageImage(buffer.getvalue(), image.width, image.height, tuple(boxes))
    finally:
        bitmap.close()


def _rectangles(sheet: Any, textpage: Any, start: int, end: int) -> Iterator[Rectangle]:
    """Rectangles of the words in ``[start, end)`` of the page's text, in reading order."""
    import pypdfium2

    text = normalise(textpage.get_text_range())
    first, last = _character(textpage, text, start), _character(textpage, text, min(end, len(text.text)) - 1)
    if first is None or last is None or last < first:
        return
    try:
        count = textpage.count_rects(first, last - first + 1)
        for index in range(count):
            yield _fractions(sheet, textpage.get_rect(index))
    except pypdfium2.PdfiumError:
        return


def _character(textpage: Any, text: PageText, offset: int) -> int | None:
    """PDFium's number of the character at ``offset`` of the text; it numbers some that it does not write out."""
    from pypdfium2 import raw

    if not 0 <= offset < len(text.text):
        return None
    index = raw.FPDFText_GetCharIndexFromTextIndex(textpage, text.raw_offset(offset))
    return index if index >= 0 else None


def _fractions(sheet: Any, rectangle: Rectangle) -> Rectangle:
    """From page coordinates to fractions of the picture, whatever the page's rotation and crop."""
    from pypdfium2 import raw

    left, bottom, right, top = rectangle
    corners = []
    for x, y in ((left, top), (right, bottom)):
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(sheet, 0, 0, _GRID, _GRID, 0, x, y, byref(across), byref(down))
        corners.append((min(max(across.value / _GRID, 0.0), 1.0), min(max(down.value / _GRID, 0.0), 1.0)))
    (x0, y0), (x1, y1) = corners
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def merge_lines(rectangles: Iterator[Rectangle]) -> tuple[Box, ...]:
    """One box a line: neighbours that share more than half of the lower one's height are drawn together."""
    boxes: list[Box] = []
    for left, top, right, bottom in rectangles:
        if right <= left or bottom <= top:
            continue
        last = boxes[-1] if boxes else None
        if last is not None and _same_line(last, top, bottom):
            boxes[-1] = Box(min(last.left, left), min(last.top, top), max(last.right, right), max(last.bottom, bottom))
        else:
            boxes.append(Box(left, top, right, bottom))
    return tuple(boxes)


def _same_line(box: Box, top: float, bottom: float) -> bool:
    shared = min(box.bottom, bottom) - max(box.top, top)
    return shared > 0.5 * min(box.bottom - box.top, bottom - top)
