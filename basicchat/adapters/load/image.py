"""Pictures: each frame is a page, read by text recognition. And the same frames to be looked at."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from basicchat.adapters.load.ocr import engine_for, page_of
from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.core.errors import DependencyMissing, NotFound, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Box, Json, LoadedDocument, Page, PageImage, Progress, Span

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
}
"""Media types and the only readers of Pillow that are tried for each."""

MAX_PIXELS = 100_000_000
"""Of a picture before it is opened. A scan of A3 at 600 dots an inch has 70 million."""
READ_PIXELS = 16_000_000
"""Pictures are made smaller than this before their text is recognised."""
MAX_FRAMES = 2_000
MIN_WIDTH, MAX_WIDTH, MAX_HEIGHT = 50, 4000, 8000


class ImageLoader:
    """Reads photographs and scans: PNG, JPEG, TIFF, WebP, GIF, BMP. The frames of a TIFF are pages."""

    media_types = frozenset(FORMATS)

    def __init__(self, options: LoadOptions = DEFAULT_OPTIONS) -> None:
        self._options = options

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document with a page for every frame.

        Raises `UnreadableDocument` for a damaged picture and one that shows no text, and `DependencyMissing` where
        nothing is installed to recognise text.
        """
        try:
            engine = engine_for(self._options)
        except DependencyMissing as missing:
            raise DependencyMissing("This is a picture. Text recognition (OCR)", hint=missing.hint) from missing
        pages: list[Page] = []
        sure: dict[str, Json] = {}
        with _opened(path) as picture:
            kind = next(media_type for media_type, form in FORMATS.items() if form == picture.format)
            count = _frames(picture)
            for number in range(1, count + 1):
                tell(Progress("recognising", number - 1, count, "pages"))
                with _frame(picture, number) as frame, _bounded(frame) as bounded:
                    reading = engine.read(bounded)
                    pages.append(page_of(reading, bounded, number=number))
                    sure[str(number)] = round(reading.confidence, 1)
        if not any(page.text for page in pages):
            raise UnreadableDocument("The picture shows no text.", hint="A sharper or larger picture may help.")
        empty = [str(page.number) for page in pages if not page.text]
        said = (f"No text on {'page' if len(empty) == 1 else 'pages'} {', '.join(empty)}.",) if empty else ()
        yield LoadedDocument(
            Path(name or path.name).stem, tuple(pages), kind, metadata={"recognised": sure}, warnings=said
        )


class ImageRenderer:
    """Draws frames the right way up. The places of their text come with the page, so there are no boxes here."""

    media_types = frozenset(FORMATS)

    def render(self, path: Path, page: int, *, start: int = 0, end: int = 0, width: int = 1000) -> PageImage:
        """Draw frame ``page`` (from 1). Raises `NotFound` and `UnreadableDocument`."""
        with _opened(path) as picture:
            _check_frame(picture, page)
            with _frame(picture, page) as frame:
                wanted = max(MIN_WIDTH, min(width, MAX_WIDTH))
                scale = min(wanted / frame.width, MAX_HEIGHT / frame.height)
                size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
                buffer = io.BytesIO()
                with frame.resize(size) as drawn:
                    drawn.save(buffer, format="PNG")
                return PageImage(buffer.getvalue(), *size)

    def boxes(self, path: Path, page: int, spans: Sequence[Span]) -> list[tuple[Box, ...]]:
        """None for any span. Raises `NotFound` and `UnreadableDocument`."""
        with _opened(path) as picture:
            _check_frame(picture, page)
        return [() for _ in spans]


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """An open picture of one of `FORMATS`. What goes wrong while it is open is an `UnreadableDocument`."""
    from PIL import Image

    try:
        # The limit on pixels is checked here, so that it does not depend on a setting of the whole process.
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            picture = Image.open(path, formats=tuple(FORMATS.values()))
        with picture:
            yield picture
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        raise UnreadableDocument("The picture is damaged.") from error


def _too_large() -> UnreadableDocument:
    return UnreadableDocument(
        f"The picture has more than {MAX_PIXELS:,} pixels, which is not safe to open.", hint="Make it smaller."
    )


def _frames(picture: Image) -> int:
    """Pages of a TIFF; of moving pictures the first frame is enough."""
    count = int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1
    if count > MAX_FRAMES:
        raise UnreadableDocument(f"The picture has more than {MAX_FRAMES:,} pages.", hint="Split it.")
    return count


def _check_frame(picture: Image, page: int) -> None:
    if not 1 <= page <= _frames(picture):
        raise NotFound(f"There is no page {page}; the picture has {_frames(picture)}.")


def _frame(picture: Image, number: int) -> Image:
    """One frame in RGB, turned as the camera was held, what is transparent made white."""
    from PIL import Image, ImageOps

    if number > 1 or picture.format == "TIFF":
        picture.seek(number - 1)
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith(("I", "F")):  # 16 bits a pixel, of which Pillow would cut the upper ones off
        upright = ImageOps.autocontrast(upright.point(lambda value: value * (1 / 256)).convert("L"))
    if "transparency" not in upright.info and not upright.mode.endswith(("A", "a")):
        return upright.convert("RGB")
    pixels = upright.convert("RGBA")
    paper = Image.new("RGBA", pixels.size, "white")
    paper.alpha_composite(pixels)
    return paper.convert("RGB")


def _bounded(frame: Image) -> Image:
    """The frame with no more than `READ_PIXELS`."""
    share = (READ_PIXELS / (frame.width * frame.height)) ** 0.5
    if share >= 1:
        return frame.copy()
    return frame.resize((max(1, round(frame.width * share)), max(1, round(frame.height * share))))
