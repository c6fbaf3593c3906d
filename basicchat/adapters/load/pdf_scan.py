"""Pages of a PDF whose text is missing or broken: how they are told, and how they become pictures to be read."""

from __future__ import annotations

import re
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

FEW = 40
"""Letters of a page number and a stamp. A page covered by a picture that has no more is a scan."""
COVERED = 0.5
BROKEN_SHARE = 0.25
"""The share of characters that mean nothing from which a page's text counts as broken."""
SAMPLE = 64
MAX_OBJECTS = 400
"""Objects of a page that are looked at for pictures. A scan has a few strips; a drawing has thousands of lines."""
MAX_PIXELS = 16_000_000
"""Of the picture of a page. A4 at 300 dots an inch has 8.7 million."""
MAX_SIDE = 8_000

# Replacement characters, private use (but for the bullet of the Symbol font), non-characters and control characters.
_MEANINGLESS = re.compile(
    "[\ufffd\ue000-\uf0b6\uf0b8-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010fffd\x00-\x01\x03-\x08\x0e-\x1f]"
)
_GLYPH_NUMBER = re.compile(r"\(cid:\d+\)")


def is_scan(sheet: Any, text: str) -> bool:
    """Whether next to nothing of what can be seen on the page is in its text."""
    letters = len("".join(text.split()))
    if letters >= FEW:
        return False
    return _picture_share(sheet) > COVERED or (not letters and _shows_something(sheet))


def is_broken(raw: str, textpage: Any) -> bool:
    """Whether the characters of the page's text do not say what its glyphs show."""
    shown = "".join(raw.split())
    if not shown:
        return False
    meaningless = len(_MEANINGLESS.findall(shown)) + sum(map(len, _GLYPH_NUMBER.findall(shown)))
    return meaningless > BROKEN_SHARE * len(shown) or _without_meaning(textpage, len(raw)) > 2 * BROKEN_SHARE


def is_meaningless(text: str) -> bool:
    """Whether too little of the text means anything for it to be kept."""
    return len(_MEANINGLESS.findall(text)) + sum(map(len, _GLYPH_NUMBER.findall(text))) > len(text) / 2


def _without_meaning(textpage: Any, length: int) -> float:
    """The share, among a sample, of characters for which the font does not say which they are."""
    from pypdfium2 import raw

    places = range(0, length, max(1, length // SAMPLE))
    found = sum(1 for place in places if raw.FPDFText_HasUnicodeMapError(textpage, place) == 1)
    return found / max(1, len(places))


def _picture_share(sheet: Any) -> float:
    """The share of the page that pictures cover, each counted whole."""
    from pypdfium2 import raw

    across, down = sheet.get_size()
    if across <= 0 or down <= 0 or raw.FPDFPage_CountObjects(sheet) > MAX_OBJECTS:
        return 0.0
    covered = 0.0
    for picture in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return float(covered / (across * down))


def _shows_something(sheet: Any) -> bool:
    from pypdfium2 import raw

    return bool(raw.FPDFPage_CountObjects(sheet) > 0 or raw.FPDFPage_GetAnnotCount(sheet) > 0)


def picture_of(sheet: Any, *, dpi: int) -> Image:
    """The page at ``dpi`` dots an inch, or as many as `MAX_PIXELS` and `MAX_SIDE` allow. The caller closes it."""
    across, down = (max(1.0, side) for side in sheet.get_size())
    scale = min(dpi / 72, sqrt(MAX_PIXELS / (across * down)), MAX_SIDE / max(across, down))
    bitmap = sheet.render(scale=scale)
    try:
        picture: Image = bitmap.to_pil().convert("RGB")
        return picture
    finally:
        bitmap.close()
