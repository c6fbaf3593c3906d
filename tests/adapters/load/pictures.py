"""Pictures of text for tests, and the engines that are there to read them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont

from basicchat.adapters.load.ocr_rapid import RapidEngine
from basicchat.adapters.load.ocr_tesseract import TesseractEngine

LINES = ("The harbour is open", "from nine to five", "on every Tuesday")


def picture(lines: Sequence[str] = LINES, *, size: tuple[int, int] = (900, 400)) -> Image.Image:
    """Black letters on white."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for at, line in enumerate(lines):
        draw.text((60, 50 + 90 * at), line, fill="black", font=ImageFont.load_default(size=48))
    return image


def needs(engine: str) -> pytest.MarkDecorator:
    """Skips where ``engine`` is not installed."""
    there = {"tesseract": TesseractEngine.installed(), "rapidocr": RapidEngine.installed()}
    there |= {"auto": any(there.values())}
    return pytest.mark.skipif(not there[engine], reason=f"{engine} is not installed")


EACH = [pytest.param(name, marks=needs(name)) for name in ("tesseract", "rapidocr", "auto")]
