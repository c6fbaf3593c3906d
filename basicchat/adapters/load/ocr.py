"""Text recognition (OCR): pictures become pages of text with the place of every piece.

Two engines, neither of which sends or fetches anything: RapidOCR, whose models come in its wheel, and Tesseract, a
program of the system.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from basicchat.adapters.load.ocr_layout import Reading, lay_out
from basicchat.adapters.load.ocr_rapid import RapidEngine
from basicchat.adapters.load.ocr_tesseract import TesseractEngine
from basicchat.adapters.load.options import LoadOptions
from basicchat.core.errors import DependencyMissing, InvalidInput, UnreadableDocument
from basicchat.core.types import Box, Page, TextBox

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL = (
    'Install it with: pip install "basicchat[ocr]", or install Tesseract: apt install tesseract-ocr (Debian, Ubuntu), '
    "brew install tesseract (macOS), choco install tesseract (Windows). Then add the file again."
)
TURNED_OFF = "Text recognition is turned off. Set BASICCHAT_INGEST__OCR=auto and add the file again."
RAPID_LANGUAGES = frozenset(
    {
        *("eng", "afr", "cat", "ces", "cym", "dan", "deu", "ell", "epo", "est", "eus", "fil", "fin", "fra", "fry"),
        *("gla", "gle", "glg", "hat", "hrv", "hun", "ind", "isl", "ita", "lat", "lav", "lit", "ltz", "mlt", "msa"),
        *("nld", "nor", "oci", "pol", "por", "ron", "slk", "slv", "spa", "sqi", "swa", "swe", "tur", "uzb_latn"),
        *("chi_sim", "chi_tra", "jpn"),
    }
)
"""Languages, as Tesseract names them, whose letters RapidOCR's models know: Latin, Greek, Chinese, Japanese."""


SURE = 90.0
"""Confidence from which Tesseract's reading is taken. Clean print was read with 94 to 96, receipts with 58 to 89."""


class Engine(Protocol):
    """Finds text in a picture."""

    name: str
    dpi: int
    """At how many dots an inch a page is best drawn for it."""

    def read(self, image: Image) -> Reading:
        """What stands in ``image``, which is RGB or greyscale. Raises `UnreadableDocument` where it gives up."""


class TwoEngines:
    """Tesseract first, which is quick; RapidOCR, which reads poor pictures better, where that was not sure."""

    name = "tesseract+rapidocr"
    dpi = TesseractEngine.dpi

    def __init__(self, quick: TesseractEngine, thorough: RapidEngine) -> None:
        self._quick = quick
        self._thorough = thorough

    def read(self, image: Image) -> Reading:
        """The first reading if it is sure, else the second. Raises `UnreadableDocument`."""
        try:
            reading = self._quick.glance(image)
        except UnreadableDocument:
            return self._thorough.read(image)
        return reading if reading.confidence >= SURE else self._thorough.read(image)


def engine_for(options: LoadOptions) -> Engine:
    """The engine that the options ask for; both together where both are installed and nothing is asked for.

    Raises `DependencyMissing` where there is none, and where recognition is turned off.
    """
    return _engine(options.ocr, options.ocr_languages, options.threads)


@lru_cache(maxsize=4)
def _engine(choice: str, languages: str, threads: int) -> Engine:
    if choice == "off":
        raise DependencyMissing("Text recognition", hint=TURNED_OFF)
    if choice not in {"auto", "rapidocr", "tesseract"}:
        raise InvalidInput(
            f"There is no text recognition called {choice}.",
            hint="Set BASICCHAT_INGEST__OCR to auto, rapidocr, tesseract or off.",
        )
    wanted = [language for language in languages.replace(",", "+").split("+") if language.strip()]
    rapid = RapidEngine(threads=threads) if choice != "tesseract" and RapidEngine.installed() else None
    tesseract = TesseractEngine(wanted) if choice != "rapidocr" and TesseractEngine.installed() else None
    if rapid and tesseract:
        return TwoEngines(tesseract, rapid) if RAPID_LANGUAGES.issuperset(wanted) else tesseract
    if found := rapid or tesseract:
        return found
    raise DependencyMissing("Text recognition (OCR)", hint=INSTALL)


def recognise(image: Image, engine: Engine, *, number: int) -> Page:
    """The page that ``image`` shows: its text in reading order, lines as lines, and a box for every piece."""
    return page_of(engine.read(image), image, number=number)


def page_of(reading: Reading, image: Image, *, number: int) -> Page:
    """A reading of ``image`` as a page."""
    across, down = image.size
    lines = lay_out(reading.pieces, size=(across, down), turned=reading.turned, ordered=reading.ordered)
    text, boxes, length = [], [], 0
    for line in lines:
        for position, piece in enumerate(line):
            text.append(" " if position else "\n" if length else "")
            start = length + len(text[-1])
            text.append(piece.text)
            length = start + len(piece.text)
            box = Box(*_clamped(piece.left / across, piece.top / down, piece.right / across, piece.bottom / down))
            boxes.append(TextBox(start, length, box))
    return Page(number, "".join(text), boxes=tuple(boxes))


def _clamped(*fractions: float) -> tuple[float, ...]:
    return tuple(round(min(max(fraction, 0.0), 1.0), 5) for fraction in fractions)


__all__ = ["INSTALL", "Engine", "Reading", "engine_for", "page_of", "recognise"]
